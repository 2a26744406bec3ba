using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Trading;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Programs;
using GridTokenX.Protocol.Api;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;
using Npgsql;
using OrderSide = GridTokenX.CloudCore.Trading.OrderSide;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// Makes the transaction of an order for a wallet of its owner's, so that a page needs no library to trade: the wallet
/// signs it, and it comes back with the order, where it is checked as any other. Nothing is stored.
/// </summary>
internal static class OrderPreparation
{
    internal static async Task<IResult> PrepareAsync(
        PrepareOrderRequest request,
        HttpContext context,
        NpgsqlDataSource database,
        IEnergyChain chain,
        SolanaRpcClient rpc,
        TradingOptions options,
        TimeProvider marketTime,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller().Key;
        if (await database.FindUserAsync(caller, cancellationToken) is { } user && user.IsManagedFor(caller))
        {
            return Problems.Of(
                ProblemCodes.InvalidWallet, "The server signs for this wallet: its orders need no transaction.");
        }

        MarketTerms market;
        try
        {
            market = MarketTerms.Of(chain.Describe());
        }
        catch (InvalidOperationException)
        {
            return Problems.Of(ProblemCodes.ChainUnavailable, "The market's account is not known yet.");
        }

        var terms = new OrderContext(caller, true, marketTime.GetUtcNow(), market, options);
        var (order, refusal) = await ReadAsync(request, terms, database, cancellationToken);
        if (order is null)
        {
            return Problems.Of(refusal!.Code, refusal.Detail);
        }

        var latest = await rpc.GetLatestBlockhashAsync(cancellationToken: cancellationToken);
        return Results.Ok(Build(order, market, latest));
    }

    /// <summary>By the rules of any order, but for the transaction, which is what is missing.</summary>
    private static async Task<(NewOrder? Order, Refusal? Refusal)> ReadAsync(
        PrepareOrderRequest request,
        OrderContext terms,
        NpgsqlDataSource database,
        CancellationToken cancellationToken)
    {
        NewOrder order;
        Refusal? refusal;
        if (request.OrderId is { } id)
        {
            if (request.Side is not null || request.PricePerKwh is not null)
            {
                return (null, new(ProblemCodes.InvalidOrder, "The listed order says side and price."));
            }

            var target = await OrderQueries.FindAsync(database, id, cancellationToken);
            refusal = OrderRules.Read(
                new MatchOrderRequest(terms.Wallet, id, request.AmountKwh, request.ExpiresAt),
                target,
                terms,
                out order);
            return refusal is null ? (order, null) : (null, refusal);
        }

        if (request is not { AmountKwh: { } amount, PricePerKwh: { } price, Side: OrderSide.Sell or OrderSide.Buy })
        {
            return (null, new(
                ProblemCodes.InvalidOrder, "Either order_id, or side (sell, buy), amount_kwh and price_per_kwh."));
        }

        var sells = request.Side == OrderSide.Sell;
        refusal = OrderRules.Read(
            new CreateOrderRequest(
                amount,
                price,
                sells ? terms.Wallet : null,
                sells ? null : terms.Wallet,
                ExpiresAt: request.ExpiresAt),
            terms,
            out order);
        return refusal is null ? (order, null) : (null, refusal);
    }

    private static PreparedOrder Build(NewOrder order, MarketTerms market, LatestBlockhash latest)
    {
        var owner = order.Wallet.ToPublicKey();
        var id = RandomOrderId();
        var instruction = market.Trading.CreateOrder(
            order.IsSell ? Programs.OrderSide.Sell : Programs.OrderSide.Buy,
            owner,
            owner,
            new OrderTerms(
                id,
                order.Energy.ToGridBaseUnits(),
                checked((ulong)order.Limit.Value),
                (order.ExpiresAt + market.Grace).ToUnixTimeSeconds()));
        var transaction = new Transaction(Message.CompileLegacy(owner, latest.Blockhash, instruction));
        return new PreparedOrder(
            id.ToString(CultureInfo.InvariantCulture),
            transaction.ToBase64(),
            Convert.ToBase64String(transaction.MessageBytes.Span),
            order.Wallet,
            order.Energy.ToKwh(),
            order.Limit.ToGrx(),
            order.ExpiresAt,
            checked((long)latest.LastValidBlockHeight));
    }

    /// <summary>From 1 to 2^63 − 1; that it is new is checked when the order comes.</summary>
    private static ulong RandomOrderId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return Math.Max(1, BinaryPrimitives.ReadUInt64LittleEndian(bytes) & long.MaxValue);
    }
}
