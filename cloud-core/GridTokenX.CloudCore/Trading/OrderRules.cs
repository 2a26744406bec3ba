using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Trading;

/// <summary>An order that keeps the rules which need nothing but the request and the clock.</summary>
internal sealed record NewOrder(
    Key32 Wallet,
    string Side,
    string? Zone,
    WattHours Energy,
    PricePerKwh Limit,
    DateTimeOffset ExpiresAt,
    Guid? Target = null)
{
    internal bool IsSell => Side == OrderSide.Sell;

    /// <summary>Of a buy order.</summary>
    internal MicroGrx Escrow => BidEscrow.Of(Limit, Energy);
}

internal static class OrderRules
{
    /// <summary>Checks, in this order: wallets, amount, price, expiry.</summary>
    internal static Refusal? Read(
        CreateOrderRequest request, Key32 caller, DateTimeOffset now, TradingOptions options, out NewOrder order)
    {
        order = null!;
        var wallet = request.SellerWallet ?? request.BuyerWallet;
        if (wallet is null || (request.SellerWallet is not null && request.BuyerWallet is not null))
        {
            return new(ProblemCodes.InvalidOrder, "Exactly one of seller_wallet and buyer_wallet.");
        }

        if (wallet != caller)
        {
            return new(ProblemCodes.Forbidden, "The order names another wallet than the one that signed.");
        }

        if (!IsAmount(request.AmountKwh, options, out var energy))
        {
            return InvalidAmount(options);
        }

        if (!PricePerKwh.TryFromGrx(request.PricePerKwh, out var price) || price.Value <= 0 || price > options.MaxPrice)
        {
            return new(ProblemCodes.InvalidPrice, $"Above 0, at most {options.MaxPriceGrx} GRX per kWh, six decimals.");
        }

        var expiry = request.ExpiresAt?.ToUniversalTime() ?? DefaultExpiry(now);
        if (expiry <= now || expiry > now + options.MaxLifetime)
        {
            return new(
                ProblemCodes.InvalidExpiry, $"Later than now, and at most {options.MaxLifetime.TotalDays} days ahead.");
        }

        var side = request.SellerWallet is null ? OrderSide.Buy : OrderSide.Sell;
        order = new NewOrder(wallet.Value, side, request.Zone, energy, price, expiry);
        return IsWorthless(order) ? Worthless() : null;
    }

    /// <summary>A direct purchase of a listed sell order: a bid at its price, for nothing else.</summary>
    internal static Refusal? Read(
        MatchOrderRequest request,
        OrderRow? target,
        Key32 caller,
        DateTimeOffset now,
        TradingOptions options,
        out NewOrder order)
    {
        order = null!;
        if (request.BuyerWallet != caller)
        {
            return new(ProblemCodes.Forbidden, "The order names another wallet than the one that signed.");
        }

        if (target is null || target.Side != OrderSide.Sell)
        {
            return new(ProblemCodes.UnknownOrder, "There is no such sell order.");
        }

        if (target.Wallet == caller)
        {
            return new(ProblemCodes.SelfTradingNotAllowed);
        }

        if (!OrderStatus.IsLive(target.Status) || target.ExpiresAt <= now)
        {
            return new(ProblemCodes.OrderNotActive);
        }

        if (!IsAmount(request.AmountKwh ?? target.Rest.ToKwh(), options, out var energy))
        {
            return InvalidAmount(options);
        }

        order = new NewOrder(
            caller, OrderSide.Buy, target.Zone, energy, target.LimitPrice, DefaultExpiry(now), target.Id);
        return IsWorthless(order) ? Worthless() : null;
    }

    /// <summary>A bid that would escrow nothing: anybody could place any number of them.</summary>
    private static bool IsWorthless(NewOrder order) => !order.IsSell && order.Escrow == MicroGrx.Zero;

    private static Refusal Worthless() => new(ProblemCodes.InvalidAmount, "The order is worth less than 0.000001 GRX.");

    /// <summary>The end of the next epoch.</summary>
    internal static DateTimeOffset DefaultExpiry(DateTimeOffset now) => MarketEpoch.At(now).Next.End;

    private static bool IsAmount(decimal kwh, TradingOptions options, out WattHours energy) =>
        WattHours.TryFromKwh(kwh, out energy) && energy > WattHours.Zero && energy <= options.MaxEnergy;

    private static Refusal InvalidAmount(TradingOptions options) =>
        new(ProblemCodes.InvalidAmount, $"Whole watt-hours, at least 0.001 and at most {options.MaxOrderKwh} kWh.");
}
