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

        List<IndexedEvent> created = [];
        foreach (var indexed in events)
        {
            if (indexed.Event is OrderCreated)
            {
                created.Add(indexed);
                continue;
            }

            await CreatedAsync(transaction, known, created, null, cancellationToken);
            created.Clear();
            await (indexed.Event switch
            {
                OrderCancelled cancelled => CancelledAsync(transaction, known, cancelled, cancellationToken),
                TradeExecuted trade => SettlementRecords.CompleteAsync(
                    transaction, outbox, trade, indexed.Signature, marketTime.GetUtcNow(), cancellationToken),
                _ => Task.CompletedTask,
            });
        }

        await CreatedAsync(transaction, known, created, null, cancellationToken);
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
    /// The owner has cancelled on chain by himself, somebody has expired it, or our release has arrived.
    /// </summary>
    private async Task CancelledAsync(
        NpgsqlTransaction transaction,
        Dictionary<(Key32 Wallet, ulong OrderId), Guid> known,
        OrderCancelled cancelled,
        CancellationToken cancellationToken)
    {
        if (!known.TryGetValue((cancelled.Owner.ToKey32(), cancelled.OrderId), out var id))
        {
            return;
        }

        // What is live leaves through its book, whose writer sets the status.
        var order = (await OrderQueries.FindAsync(transaction, id, cancellationToken))!;
        if (OrderStatus.IsLive(order.Status))
        {
            var kind = cancelled.Reason == OrderClosingReason.Expired ? InboxKind.Expired : InboxKind.Withdrawn;
            await MarketInbox.AddAsync(transaction, [order], kind, cancellationToken);
        }

        _ = await transaction.ExecuteAsync(
            """
            update orders
            set escrow = 'closed',
                closed_at = case when status in ('active', 'partially_filled') then closed_at
                    else coalesce(closed_at, greatest(created_at, @now)) end
            where id = @id and escrow in ('held', 'releasing')
            """,
            new { id, now = marketTime.GetUtcNow() },
            cancellationToken);
    }
}
