using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// What the chain says about orders: their escrow is there, they are settled, they are gone. One effect for all three,
/// so that the orders of a batch are locked once, in the order that everybody keeps.
/// </summary>
internal sealed class OrderEvents(IChainOutbox outbox, RememberedBalances balances, TimeProvider marketTime)
    : IChainEventEffect
{
    public bool Handles(ProgramEvent @event) => @event is OrderCreated or OrderCancelled or TradeExecuted;

    public async Task ApplyAsync(
        NpgsqlTransaction transaction, IReadOnlyList<IndexedEvent> events, CancellationToken cancellationToken)
    {
        balances.Forget(events.Select(static indexed => indexed.Event).OfType<OrderCreated>()
            .Select(static created => created.Owner.ToKey32()));
        var locked = await LockAsync(transaction, events, cancellationToken);
        if (locked.Count == 0)
        {
            return;
        }

        var known = locked.ToDictionary(
            static order => (order.Wallet, (ulong)order.ChainOrderId), static order => order.Id);
        if (events.All(static indexed => indexed.Event is OrderCreated))
        {
            // Nothing has changed since they were locked.
            await CreatedAsync(transaction, known, events, locked, cancellationToken);
            return;
        }

        for (var from = 0; from < events.Count;)
        {
            // What is alike and comes together is written together.
            var kind = events[from].Event.GetType();
            var alike = events.Skip(from).TakeWhile(indexed => indexed.Event.GetType() == kind).ToList();
            from += alike.Count;
            await (alike[0].Event switch
            {
                OrderCreated => CreatedAsync(transaction, known, alike, null, cancellationToken),
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

    /// <summary>The orders of these events that we know.</summary>
    private static Task<IReadOnlyList<OrderRow>> LockAsync(
        NpgsqlTransaction transaction, IReadOnlyList<IndexedEvent> events, CancellationToken cancellationToken)
    {
        var named = events.SelectMany(static indexed => Orders(indexed.Event))
            .Where(static order => order.OrderId is > 0 and <= long.MaxValue)
            .Distinct()
            .ToList();
        return transaction.QueryAsync<OrderRow>(
            OrderRow.Select +
            """
             where (u.wallet, o.chain_order_id) in (select * from unnest(@wallets, @numbers))
            order by o.sequence for update of o
            """,
            new
            {
                wallets = named.ConvertAll(static order => order.Wallet.ToArray()).ToArray(),
                numbers = named.ConvertAll(static order => (long)order.OrderId).ToArray(),
            },
            cancellationToken);
    }

    private static (Key32 Wallet, ulong OrderId)[] Orders(ProgramEvent @event) => @event switch
    {
        OrderCreated created => [(created.Owner.ToKey32(), created.OrderId)],
        OrderCancelled cancelled => [(cancelled.Owner.ToKey32(), cancelled.OrderId)],
        TradeExecuted trade =>
            [(trade.Seller.ToKey32(), trade.SellOrderId), (trade.Buyer.ToKey32(), trade.BuyOrderId)],
        _ => [],
    };

    /// <summary>
    /// An owner may use an order's id for orders of his own making as well, which may have other terms or another payer
    /// of the rent: ours is the one from the transaction that he brought.
    /// </summary>
    private async Task CreatedAsync(
        NpgsqlTransaction transaction,
        Dictionary<(Key32 Wallet, ulong OrderId), Guid> known,
        IReadOnlyList<IndexedEvent> events,
        IReadOnlyList<OrderRow>? rows,
        CancellationToken cancellationToken)
    {
        var named = events
            .Select(static indexed => (Created: (OrderCreated)indexed.Event, indexed.Signature))
            .Select(named => (
                Id: known.GetValueOrDefault((named.Created.Owner.ToKey32(), named.Created.OrderId)),
                named.Created,
                named.Signature))
            .Where(static named => named.Id != Guid.Empty)
            .ToLookup(static named => named.Id);
        if (named.Count == 0)
        {
            return;
        }

        var orders = rows ?? await OrderQueries.FindAsync(
            transaction, [.. named.Select(static order => order.Key)], cancellationToken);
        await OrderEscrow.HoldAsync(
            transaction,
            outbox,
            [.. orders.Where(order => order.Escrow == EscrowState.Requested && named[order.Id].Any(
                one => (order.TxSignature ?? one.Signature) == one.Signature && order.HasTerms(one.Created)))],
            marketTime.GetUtcNow(),
            cancellationToken);
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
