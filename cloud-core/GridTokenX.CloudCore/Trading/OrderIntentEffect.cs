using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// What the outbox learns of orders beside their events: the chain has refused one, or an owner was faster than we.
/// </summary>
internal sealed class OrderIntentEffect(IChainOutbox outbox, TimeProvider marketTime) : IChainEffect
{
    public bool Handles(ChainIntent intent) => intent is PlaceOrder or ReleaseOrder;

    public async Task ConfirmedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken)
    {
        await HoldEarlierAsync(transaction, intents, cancellationToken);
        await ClosedAsync(
            transaction, [.. intents.Select(static i => i.Intent).OfType<ReleaseOrder>()], cancellationToken);
    }

    /// <summary>
    /// A refused order is final: nothing was taken. A release is tried again while there is an order, and an account
    /// to release to.
    /// </summary>
    public async Task<bool> RefusedAsync(
        NpgsqlTransaction transaction, ChainIntent intent, string error, CancellationToken cancellationToken)
    {
        if (intent is ReleaseOrder release)
        {
            if (error == Refusals.TokenAccountGivenAway)
            {
                // The order stays on chain, where its owner can take it back at any time, to any account of his.
                return true;
            }

            if (error != nameof(ProgramError.OrderNotActive))
            {
                return false;
            }

            await ClosedAsync(transaction, [release], cancellationToken);
            return true;
        }

        _ = await transaction.ExecuteAsync(
            """
            update orders
            set escrow = 'refused',
                reason = @reason,
                status = case when status = 'pending' then 'rejected' else status end,
                closed_at = coalesce(closed_at, greatest(created_at, @now))
            where id = @order and escrow = 'requested'
            """,
            new
            {
                order = ((PlaceOrder)intent).Order,
                reason = OrderReason.OfRefusal(error),
                now = marketTime.GetUtcNow(),
            },
            cancellationToken);
        return true;
    }

    /// <summary>
    /// The order keeps waiting: the row may be sent again by hand, and then it is confirmed or refused as any other.
    /// </summary>
    public Task ParkedAsync(NpgsqlTransaction transaction, ChainIntent intent, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>
    /// An owner may have sent the transaction before bringing it to us: its event has passed by before there was an
    /// order that it could belong to.
    /// </summary>
    private async Task HoldEarlierAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken)
    {
        var placed = intents.Where(static confirmed => confirmed.Intent is PlaceOrder { Transaction: not null })
            .ToDictionary(static confirmed => ((PlaceOrder)confirmed.Intent).Order, static c => c.Signature);
        if (placed.Count == 0)
        {
            return;
        }

        var passed = (await transaction.QueryAsync<string>(
            "select distinct signature from chain_events where signature = any(@signatures)",
            new { signatures = placed.Values.ToArray() },
            cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var missed = placed.Where(order => passed.Contains(order.Value)).Select(static order => order.Key).ToList();
        var waiting = (await OrderQueries.LockAsync(transaction, missed, cancellationToken))
            .Where(static order => order.Escrow == EscrowState.Requested)
            .ToList();
        var gone = await CloseGoneAsync(transaction, waiting, cancellationToken);
        await OrderEscrow.HoldAsync(
            transaction,
            outbox,
            waiting.FindAll(order => !gone.Contains(order.Id)),
            marketTime.GetUtcNow(),
            cancellationToken);
    }

    /// <summary>
    /// Of orders that were on chain before we knew them, those that are there no more: their escrow is with their owner
    /// again. Whatever closes one later meets its row, which is locked here. Of two orders with one id in one slot
    /// nobody can say which was closed: then it counts as this one.
    /// </summary>
    private async Task<HashSet<Guid>> CloseGoneAsync(
        NpgsqlTransaction transaction, List<OrderRow> orders, CancellationToken cancellationToken) =>
        orders.Count == 0
            ? []
            : [.. await transaction.QueryAsync<Guid>(
                """
                update orders o
                set escrow = 'closed',
                    reason = coalesce(o.reason, @CancelledOnChain),
                    status = case when o.status = 'pending' then 'cancelled' else o.status end,
                    closed_at = coalesce(o.closed_at, greatest(o.created_at, @now))
                from chain_events made
                where o.id = any(@ids) and made.signature = o.tx_signature and made.kind = 'order_created'
                  and exists (
                      select from chain_events gone
                      where gone.kind = 'order_cancelled' and gone.event->>'owner' = made.event->>'owner'
                        and gone.event->>'order_id' = made.event->>'order_id' and gone.slot >= made.slot)
                returning o.id
                """,
                new
                {
                    OrderReason.CancelledOnChain,
                    now = marketTime.GetUtcNow(),
                    ids = orders.Select(static order => order.Id).ToArray(),
                },
                cancellationToken)];

    private static Task ClosedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ReleaseOrder> releases, CancellationToken cancellationToken) =>
        releases.Count == 0
            ? Task.CompletedTask
            : transaction.ExecuteAsync(
                "update orders set escrow = 'closed' where id = any(@ids) and escrow = 'releasing'",
                new { ids = releases.Select(static release => release.Order).ToArray() },
                cancellationToken);
}
