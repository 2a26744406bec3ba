using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// What the chain says about orders: their escrow is there, they are settled, they are gone. One effect for all three,
/// so that the orders of a batch are locked once, in the order that everybody keeps.
/// </summary>
internal sealed class OrderEvents(
    IChainOutbox outbox, RememberedBalances balances, ZoneMarkets markets, TimeProvider marketTime) : IChainEventEffect
{
    public bool Handles(ProgramEvent @event) => @event is OrderCreated or OrderCancelled or TradeExecuted;

    public async Task ApplyAsync(
        UnitOfWork unit, IReadOnlyList<IndexedEvent> events, bool isRoomy, CancellationToken cancellationToken)
    {
        balances.Forget(events.Select(static indexed => indexed.Event).OfType<OrderCreated>()
            .Select(static created => created.Owner.ToKey32()));
        var transaction = unit.Transaction;
        if (events.All(static indexed => indexed.Event is OrderCreated))
        {
            await ArrivedAsync(unit, events, isRoomy, cancellationToken);
            return;
        }

        var locked = await ArrivedOrders.LockAsync(transaction, events, cancellationToken);
        if (locked.Count == 0)
        {
            return;
        }

        var known = NamesOf(locked);
        for (var from = 0; from < events.Count;)
        {
            // What is alike and comes together is written together.
            var kind = events[from].Event.GetType();
            var alike = events.Skip(from).TakeWhile(indexed => indexed.Event.GetType() == kind).ToList();
            from += alike.Count;
            await (alike[0].Event switch
            {
                OrderCreated => CreatedAsync(transaction, known, alike, cancellationToken),
                OrderCancelled => CancelledAsync(transaction, known, alike, cancellationToken),
                _ => SettlementRecords.CompleteAsync(
                    transaction,
                    outbox,
                    alike.Select(static indexed => ((TradeExecuted)indexed.Event, indexed.Signature)),
                    marketTime.GetUtcNow(),
                    cancellationToken),
            });
        }
    }

    /// <summary>
    /// Escrows and nothing else: where their zone is free at this moment, the orders take their places and match at
    /// once. Nothing has changed since they were locked.
    /// </summary>
    private async Task ArrivedAsync(
        UnitOfWork unit, IReadOnlyList<IndexedEvent> events, bool isRoomy, CancellationToken cancellationToken)
    {
        var asked = MarketEpoch.At(marketTime.GetUtcNow());
        var (locked, zone) = isRoomy && markets.ServeArrivals
            ? await ArrivedOrders.LockWithZoneAsync(unit.Transaction, events, asked, cancellationToken)
            : (await ArrivedOrders.LockAsync(unit.Transaction, events, cancellationToken), null);

        // The locks may have been long in coming.
        var now = marketTime.GetUtcNow();
        if (MarketEpoch.At(now) != asked)
        {
            zone = null;
        }

        var held = Held(NamesOf(locked), events, locked);
        if (zone is null || !await markets.TryPlaceAsync(unit, zone, held, now, cancellationToken))
        {
            await OrderEscrow.HoldAsync(unit.Transaction, outbox, held, now, cancellationToken);
        }
    }

    private async Task CreatedAsync(
        NpgsqlTransaction transaction,
        Dictionary<(Key32 Wallet, ulong OrderId), Guid> known,
        IReadOnlyList<IndexedEvent> events,
        CancellationToken cancellationToken)
    {
        Guid[] named =
        [
            .. events.Select(static indexed => (OrderCreated)indexed.Event)
                .Select(created => known.GetValueOrDefault((created.Owner.ToKey32(), created.OrderId)))
                .Where(static id => id != Guid.Empty)
                .Distinct(),
        ];
        var orders = named.Length > 0 ? await OrderQueries.FindAsync(transaction, named, cancellationToken) : [];
        await OrderEscrow.HoldAsync(
            transaction, outbox, Held(known, events, orders), marketTime.GetUtcNow(), cancellationToken);
    }

    /// <summary>As the chain's events name them.</summary>
    private static Dictionary<(Key32 Wallet, ulong OrderId), Guid> NamesOf(IReadOnlyList<OrderRow> orders) =>
        orders.ToDictionary(
            static order => (order.Wallet, (ulong)order.ChainOrderId), static order => order.Id);

    /// <summary>
    /// Those of the orders whose escrow these events mean. An owner may use an order's id for orders of his own making
    /// as well, which may have other terms or another payer of the rent: ours is the one from the transaction that he
    /// brought.
    /// </summary>
    private static IReadOnlyList<OrderRow> Held(
        Dictionary<(Key32 Wallet, ulong OrderId), Guid> known,
        IReadOnlyList<IndexedEvent> events,
        IReadOnlyList<OrderRow> orders)
    {
        var named = events
            .Select(static indexed => (Created: (OrderCreated)indexed.Event, indexed.Signature))
            .ToLookup(named => known.GetValueOrDefault((named.Created.Owner.ToKey32(), named.Created.OrderId)));
        return [.. orders.Where(order => order.Escrow == EscrowState.Requested && named[order.Id].Any(
            one => (order.TxSignature ?? one.Signature) == one.Signature && order.HasTerms(one.Created)))];
    }

    /// <summary>
    /// Each owner has cancelled on chain by himself, somebody has expired it, or our release has arrived.
    /// </summary>
    private async Task CancelledAsync(
        NpgsqlTransaction transaction,
        Dictionary<(Key32 Wallet, ulong OrderId), Guid> known,
        IReadOnlyList<IndexedEvent> events,
        CancellationToken cancellationToken)
    {
        var reasons = events
            .Select(static indexed => (OrderCancelled)indexed.Event)
            .Select(cancelled => (
                Id: known.GetValueOrDefault((cancelled.Owner.ToKey32(), cancelled.OrderId)), cancelled.Reason))
            .Where(static named => named.Id != Guid.Empty)
            .DistinctBy(static named => named.Id)
            .ToDictionary(static named => named.Id, static named => named.Reason);
        if (reasons.Count == 0)
        {
            return;
        }

        // What is live leaves through its book, whose writer sets the status.
        Guid[] ids = [.. reasons.Keys];
        var live = (await OrderQueries.FindAsync(transaction, ids, cancellationToken))
            .Where(static order => OrderStatus.IsLive(order.Status))
            .OrderBy(order => Array.IndexOf(ids, order.Id))
            .ToLookup(order => reasons[order.Id] == OrderClosingReason.Expired);
        await MarketInbox.AddAsync(transaction, [.. live[true]], InboxKind.Expired, cancellationToken);
        await MarketInbox.AddAsync(transaction, [.. live[false]], InboxKind.Withdrawn, cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update orders
            set escrow = 'closed',
                closed_at = case when status in ('active', 'partially_filled') then closed_at
                    else coalesce(closed_at, greatest(created_at, @now)) end
            where id = any(@ids) and escrow in ('held', 'releasing')
            """,
            new { ids, now = marketTime.GetUtcNow() },
            cancellationToken);
    }
}
