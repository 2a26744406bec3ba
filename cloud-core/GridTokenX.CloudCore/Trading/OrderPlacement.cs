using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Takes new orders: checks them, and writes the order, its idempotency key and its deposit in one transaction.
/// </summary>
internal sealed class OrderPlacement(
    NpgsqlDataSource database,
    IEnergyChain chain,
    IChainOutbox outbox,
    TimeProvider marketTime,
    WallTime wall,
    TradingOptions options)
{
    private static readonly TimeSpan BalanceInterval = TimeSpan.FromMilliseconds(100);

    internal async Task<OrderOutcome> CreateAsync(
        CreateOrderRequest request, SignedRequest signed, CancellationToken cancellationToken)
    {
        if (await RepetitionAsync(signed, cancellationToken) is { } known)
        {
            return known;
        }

        var refusal = OrderRules.Read(request, signed.Caller.Key, marketTime.GetUtcNow(), options, out var order);
        return refusal is not null ? refusal : await PlaceAsync(order, signed, cancellationToken);
    }

    internal async Task<OrderOutcome> PurchaseAsync(
        MatchOrderRequest request, SignedRequest signed, CancellationToken cancellationToken)
    {
        if (await RepetitionAsync(signed, cancellationToken) is { } known)
        {
            return known;
        }

        var target = await OrderQueries.FindAsync(database, request.OrderId, cancellationToken);
        var now = marketTime.GetUtcNow();
        var refusal = OrderRules.Read(request, target, signed.Caller.Key, now, options, out var order);
        return refusal is not null ? refusal : await PlaceAsync(order, signed, cancellationToken);
    }

    private Task<OrderOutcome?> RepetitionAsync(SignedRequest signed, CancellationToken cancellationToken) =>
        database.TransactAsync(
            unit => IdempotencyRecords.FindAsync(unit.Transaction, signed, cancellationToken), cancellationToken);

    private async Task<OrderOutcome> PlaceAsync(
        NewOrder order, SignedRequest signed, CancellationToken cancellationToken)
    {
        var (owner, refusal) = await OrderOwners.FindAsync(database, order, cancellationToken);
        if (owner is null)
        {
            return refusal!;
        }

        var giveUpAt = wall.UtcNow + options.EscrowWait;
        while (true)
        {
            // The chain is asked outside of any database transaction, and before the deposits under way are counted.
            var balances = await chain.BalancesAsync(order.Wallet, cancellationToken);
            if (balances is not { EscrowDelegated: true })
            {
                return new Refusal(ProblemCodes.EscrowNotDelegated);
            }

            var outcome = await database.TransactAsync(
                unit =>
                    WriteAsync(unit.Transaction, order, owner, balances, signed, cancellationToken), cancellationToken);
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
    /// Null: the balance would do, were it not for deposits under way that it may or may not contain.
    /// </summary>
    private async Task<OrderOutcome?> WriteAsync(
        NpgsqlTransaction transaction,
        NewOrder order,
        OrderOwnerRow owner,
        ChainBalances balances,
        SignedRequest signed,
        CancellationToken cancellationToken)
    {
        // One new order of a user at a time: the number of open orders and the sum of pending deposits are exact.
        await OrderOwners.LockAsync(transaction, owner.Id, cancellationToken);
        if (await IdempotencyRecords.FindAsync(transaction, signed, cancellationToken) is { } known)
        {
            return known;
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
            ? await InsertAsync(transaction, order, owner, signed, cancellationToken)
            : default(OrderOutcome?);
    }

    private async Task<OrderOutcome> InsertAsync(
        NpgsqlTransaction transaction,
        NewOrder order,
        OrderOwnerRow owner,
        SignedRequest signed,
        CancellationToken cancellationToken)
    {
        var now = marketTime.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        _ = await transaction.ExecuteAsync(
            """
            insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, target_order,
                                status, escrow, created_at, expires_at)
            values (@id, @owner, @side, @zone, @epoch, @energy, @limit, @target, 'pending', 'requested', @now, @expires)
            """,
            new
            {
                id,
                owner = owner.Id,
                side = order.Side,
                zone = owner.Zone,
                epoch = MarketEpoch.At(now).Number,
                energy = order.Energy,
                limit = order.Limit,
                target = order.Target,
                now,
                expires = order.ExpiresAt,
            },
            cancellationToken);
        if (!await IdempotencyRecords.TryAddAsync(transaction, signed, id, now, cancellationToken))
        {
            throw new InvalidOperationException("An idempotency key appeared although its user is locked.");
        }

        var row = (await OrderQueries.FindAsync(transaction, id, cancellationToken))!;
        await outbox.EnqueueAsync(transaction, [OrderIntents.Deposit(row)], cancellationToken);
        return row;
    }

    private static bool Covers(ChainBalances balances, NewOrder order, OpenOrders pending) => order.IsSell
        ? balances.GridBaseUnits >= (UInt128)(order.Energy + pending.PendingEnergy).ToGridBaseUnits()
        : balances.Grx >= order.Escrow + pending.PendingMoney;

    private static OrderOutcome InsufficientBalance(NewOrder order) => new Refusal(
        ProblemCodes.InsufficientBalance,
        order.IsSell
            ? $"The order needs {order.Energy.ToKwh()} GRID beside what other orders are taking."
            : $"The order needs {order.Escrow.ToGrx()} GRX beside what other orders are taking.");
}
