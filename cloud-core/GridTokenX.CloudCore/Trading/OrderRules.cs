using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Trading;

/// <summary>An order that keeps the rules which need nothing but the request, the market and the clock.</summary>
internal sealed record NewOrder(
    Key32 Wallet,
    string Side,
    string? Zone,
    WattHours Energy,
    PricePerKwh Limit,
    DateTimeOffset ExpiresAt,
    Guid? Target,
    BroughtOrder? Brought,
    string Force = OrderForce.GoodTillCancelled)
{
    internal bool IsSell => Side == OrderSide.Sell;

    /// <summary>Of a buy order.</summary>
    internal MicroGrx Escrow => BidEscrow.Of(Limit, Energy);
}

/// <summary>Who orders, when, and under which terms.</summary>
/// <param name="Wallet">Of the user whose access key signed.</param>
/// <param name="IsManaged">The server holds the wallet's key.</param>
/// <param name="Now">Market time.</param>
/// <param name="Market">What the chain demands.</param>
/// <param name="Options">What we demand.</param>
internal sealed record OrderContext(
    Key32 Wallet, bool IsManaged, DateTimeOffset Now, MarketTerms Market, TradingOptions Options);

internal static class OrderRules
{
    /// <summary>Checks, in this order: wallets, amount, price, time in force, transaction, expiry.</summary>
    internal static Refusal? Read(CreateOrderRequest request, OrderContext context, out NewOrder order)
    {
        order = null!;
        var wallet = request.SellerWallet ?? request.BuyerWallet;
        if (wallet is null || (request.SellerWallet is not null && request.BuyerWallet is not null))
        {
            return new(ProblemCodes.InvalidOrder, "Exactly one of seller_wallet and buyer_wallet.");
        }

        if (wallet != context.Wallet)
        {
            return Foreign();
        }

        if (!IsAmount(request.AmountKwh, context.Options, out var energy))
        {
            return InvalidAmount(context.Options);
        }

        if (!PricePerKwh.TryFromGrx(request.PricePerKwh, out var price) || price.Value <= 0)
        {
            return new(ProblemCodes.InvalidPrice, "Above 0 GRX per kWh, six decimals.");
        }

        var force = request.TimeInForce ?? OrderForce.GoodTillCancelled;
        if (!OrderForce.IsKnown(force))
        {
            return new(ProblemCodes.InvalidTimeInForce, "gtc, ioc or fok.");
        }

        var side = request.SellerWallet is null ? OrderSide.Buy : OrderSide.Sell;
        var draft = new NewOrder(wallet.Value, side, request.Zone, energy, price, default, null, null, force);
        return Complete(draft, request.ExpiresAt, request.Transaction, context, out order);
    }

    /// <summary>A direct purchase of a listed sell order: a bid at its price, for nothing else.</summary>
    internal static Refusal? Read(
        MatchOrderRequest request, OrderRow? target, OrderContext context, out NewOrder order)
    {
        order = null!;
        if (request.BuyerWallet != context.Wallet)
        {
            return Foreign();
        }

        if (target is null || target.Side != OrderSide.Sell)
        {
            return new(ProblemCodes.UnknownOrder, "There is no such sell order.");
        }

        if (target.Wallet == context.Wallet)
        {
            return new(ProblemCodes.SelfTradingNotAllowed);
        }

        if (!OrderStatus.IsLive(target.Status) || target.ExpiresAt <= context.Now)
        {
            return new(ProblemCodes.OrderNotActive);
        }

        if (target.TimeInForce != OrderForce.GoodTillCancelled)
        {
            return new(ProblemCodes.OrderNotActive, "The order takes part in one matching, and is listed for nobody.");
        }

        if (!IsAmount(request.AmountKwh ?? target.Rest.ToKwh(), context.Options, out var energy))
        {
            return InvalidAmount(context.Options);
        }

        var force = request.TimeInForce ?? OrderForce.ImmediateOrCancel;
        if (force is not (OrderForce.ImmediateOrCancel or OrderForce.FillOrKill))
        {
            return new(ProblemCodes.InvalidTimeInForce, "A purchase of a listed order is ioc or fok.");
        }

        var draft = new NewOrder(
            context.Wallet, OrderSide.Buy, target.Zone, energy, target.LimitPrice, default, target.Id, null, force);
        return Complete(draft, request.ExpiresAt, request.Transaction, context, out order);
    }

    /// <summary>The end of the next epoch.</summary>
    internal static DateTimeOffset DefaultExpiry(DateTimeOffset now) => MarketEpoch.At(now).Next.End;

    private static Refusal? Complete(
        NewOrder draft, DateTimeOffset? expiresAt, string? transaction, OrderContext context, out NewOrder order)
    {
        order = draft;
        if (!draft.IsSell && draft.Escrow == MicroGrx.Zero)
        {
            // Anybody could place any number of them.
            return new(ProblemCodes.InvalidAmount, "The order is worth less than 0.000001 GRX.");
        }

        if (context.Market.FaultOf(draft.Limit) is { } outOfBounds)
        {
            return outOfBounds;
        }

        BroughtOrder? brought = null;
        if (transaction is not null)
        {
            if (BroughtOrder.Read(transaction, draft.Wallet, draft.Side, context.Market.Trading, out brought)
                is { } invalid)
            {
                return invalid;
            }
        }
        else if (!context.IsManaged)
        {
            return new(ProblemCodes.TransactionRequired);
        }

        if (ExpiryOf(expiresAt, brought, context) is not { } expiry)
        {
            var days = context.Options.MaxLifetime.TotalDays;
            return new(ProblemCodes.InvalidExpiry, $"Whole seconds, later than now, at most {days} days ahead.");
        }

        order = draft with { ExpiresAt = expiry, Brought = brought };
        return brought?.FaultAgainst(order, expiry + context.Market.Grace);
    }

    /// <summary>As asked for, or as the transaction says, or the usual one; null when it is not allowed.</summary>
    private static DateTimeOffset? ExpiryOf(DateTimeOffset? asked, BroughtOrder? brought, OrderContext context)
    {
        var latest = context.Now + context.Options.MaxLifetime;
        if (asked is null && brought is not null)
        {
            var onChain = brought.Terms.ExpiresAt;
            if (onChain <= 0 || onChain > (latest + context.Market.Grace).ToUnixTimeSeconds())
            {
                return null;
            }

            asked = DateTimeOffset.FromUnixTimeSeconds(onChain) - context.Market.Grace;
        }

        var expiry = asked?.ToUniversalTime() ?? DefaultExpiry(context.Now);
        return expiry <= context.Now || expiry > latest || expiry.Ticks % TimeSpan.TicksPerSecond != 0
            ? null
            : expiry;
    }

    private static Refusal Foreign() =>
        new(ProblemCodes.Forbidden, "The order names another wallet than the signer's.");

    private static bool IsAmount(decimal kwh, TradingOptions options, out WattHours energy) =>
        WattHours.TryFromKwh(kwh, out energy) && energy > WattHours.Zero && energy <= options.MaxEnergy;

    private static Refusal InvalidAmount(TradingOptions options) =>
        new(ProblemCodes.InvalidAmount, $"Whole watt-hours, at least 0.001 and at most {options.MaxOrderKwh} kWh.");
}
