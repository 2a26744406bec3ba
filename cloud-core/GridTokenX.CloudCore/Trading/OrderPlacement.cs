using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Takes new orders: checks them, and writes the order, its idempotency key and its transaction for the chain in one
/// database transaction.
/// </summary>
internal sealed class OrderPlacement(
    NpgsqlDataSource database,
    IEnergyChain chain,
    IChainOutbox outbox,
    TimeProvider marketTime,
    WallTime wall,
    TradingOptions options,
    MarketRules rules)
{
    private static readonly TimeSpan BalanceInterval = TimeSpan.FromMilliseconds(100);

    // Addresses are derived once for each description of the chain, not once for each order.
    private Tuple<ChainInfo, MarketTerms>? _market;

    internal async Task<OrderOutcome> CreateAsync(
        CreateOrderRequest request, SignedRequest signed, CancellationToken cancellationToken)
    {
        if (await RepetitionAsync(signed, cancellationToken) is { } known)
        {
            return known;
        }

        if (await ContextAsync(signed, cancellationToken) is not { } context)
        {
            return NotPrepared();
        }

        var refusal = OrderRules.Read(request, context, out var order);
        return refusal is not null ? refusal : await PlaceAsync(order, context.Market, signed, cancellationToken);
    }

    internal async Task<OrderOutcome> PurchaseAsync(
        MatchOrderRequest request, SignedRequest signed, CancellationToken cancellationToken)
    {
        if (await RepetitionAsync(signed, cancellationToken) is { } known)
        {
            return known;
        }

        if (await ContextAsync(signed, cancellationToken) is not { } context)
        {
            return NotPrepared();
        }

        var target = await OrderQueries.FindAsync(database, request.OrderId, cancellationToken);
        var refusal = OrderRules.Read(request, target, context, out var order);
        return refusal is not null ? refusal : await PlaceAsync(order, context.Market, signed, cancellationToken);
    }

    private Task<OrderOutcome?> RepetitionAsync(SignedRequest signed, CancellationToken cancellationToken) =>
        database.TransactAsync(
            unit => IdempotencyRecords.FindAsync(unit.Transaction, signed, cancellationToken), cancellationToken);

    /// <summary>
    /// Null while the market's account is not known. Somebody unknown is refused later, whatever he brings.
    /// </summary>
    private async Task<OrderContext?> ContextAsync(SignedRequest signed, CancellationToken cancellationToken)
    {
        var key = signed.Caller.Key;
        var user = await database.FindUserAsync(key, cancellationToken);
        try
        {
            return new OrderContext(
                user?.Wallet ?? key,
                user?.IsManagedFor(key) ?? true,
                marketTime.GetUtcNow(),
                TermsOf(chain.Describe()),
                options);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private MarketTerms TermsOf(ChainInfo info)
    {
        var known = _market;
        if (known is null || known.Item1 != info)
        {
            _market = known = Tuple.Create(info, MarketTerms.Of(info));
        }

        return known.Item2;
    }

    private async Task<OrderOutcome> PlaceAsync(
        NewOrder order, MarketTerms market, SignedRequest signed, CancellationToken cancellationToken)
    {
        var (owner, refusal) = await OrderOwners.FindAsync(database, order, cancellationToken);
        if (owner is null)
        {
            return refusal!;
        }

        if (rules.Of(owner.Zone).FaultOf(order.Limit) is { } outOfBounds)
        {
            return new Refusal(ProblemCodes.PriceOutOfBounds, outOfBounds);
        }

        var giveUpAt = wall.UtcNow + options.EscrowWait;
        while (true)
        {
            // The chain is asked outside of any database transaction, and before the orders under way are counted.
            var balances = await chain.BalancesAsync(order.Wallet, cancellationToken) ?? new ChainBalances(0, default);
            var outcome = await database.TransactAsync(
                unit => WriteAsync(unit.Transaction, order, owner, market, balances, signed, cancellationToken),
                cancellationToken);
            if (outcome is { } final)
            {
                outbox.Wake();
                return final;
            }

            if (wall.UtcNow >= giveUpAt)
            {
                return InsufficientBalance(order);
            }

            await wall.DelayAsync(BalanceInterval, cancellationToken);
        }
    }

    /// <summary>
    /// Null: the balance would do, were it not for orders under way that it may or may not have paid already.
    /// </summary>
    private async Task<OrderOutcome?> WriteAsync(
        NpgsqlTransaction transaction,
        NewOrder order,
        OrderOwnerRow owner,
        MarketTerms market,
        ChainBalances balances,
        SignedRequest signed,
        CancellationToken cancellationToken)
    {
        // One new order of a user at a time: the number of open orders and the sum of pending escrows are exact.
        await OrderOwners.LockAsync(transaction, owner.Id, cancellationToken);
        if (await IdempotencyRecords.FindAsync(transaction, signed, cancellationToken) is { } known)
        {
            return known;
        }

        if (order.Brought is { } brought
            && await OrderOwners.HasUsedAsync(transaction, owner.Id, brought.ChainOrderId, cancellationToken))
        {
            return (OrderOutcome)new Refusal(ProblemCodes.OrderIdUsed);
        }

        var open = await OrderOwners.OpenOrdersAsync(transaction, owner.Id, cancellationToken);
        if (open.Orders >= options.MaxOpenOrders)
        {
            return (OrderOutcome)new Refusal(
                ProblemCodes.TooManyOrders, $"At most {options.MaxOpenOrders} open orders of one user.");
        }

        if (!Covers(balances, order, default))
        {
            return InsufficientBalance(order);
        }

        return Covers(balances, order, open)
            ? await InsertAsync(transaction, order, owner, market, signed, cancellationToken)
            : default(OrderOutcome?);
    }

    private async Task<OrderOutcome> InsertAsync(
        NpgsqlTransaction transaction,
        NewOrder order,
        OrderOwnerRow owner,
        MarketTerms market,
        SignedRequest signed,
        CancellationToken cancellationToken)
    {
        var now = marketTime.GetUtcNow();
        var row = await NewOrderRecords.InsertAsync(
            transaction, order, owner, market, chain.Sponsor, now, cancellationToken);
        if (!await IdempotencyRecords.TryAddAsync(transaction, signed, row.Id, now, cancellationToken))
        {
            throw new InvalidOperationException("An idempotency key appeared although its user is locked.");
        }

        await outbox.EnqueueAsync(
            transaction, [NewOrderRecords.ToIntent(row, order.Brought?.Base64)], cancellationToken);
        return row;
    }

    private static bool Covers(ChainBalances balances, NewOrder order, OpenOrders pending) => order.IsSell
        ? balances.GridBaseUnits >= (UInt128)(order.Energy + pending.PendingEnergy).ToGridBaseUnits()
        : balances.Grx >= order.Escrow + pending.PendingMoney;

    private static OrderOutcome NotPrepared() =>
        new Refusal(ProblemCodes.ChainUnavailable, "The market's account is not known yet.");

    private static OrderOutcome InsufficientBalance(NewOrder order) => new Refusal(
        ProblemCodes.InsufficientBalance,
        order.IsSell
            ? $"The order needs {order.Energy.ToKwh()} GRID beside what other orders are taking."
            : $"The order needs {order.Escrow.ToGrx()} GRX beside what other orders are taking.");
}
