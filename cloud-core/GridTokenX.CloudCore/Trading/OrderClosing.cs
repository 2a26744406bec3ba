using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>The one way in which an order ends without being filled: what it did not use goes back, once.</summary>
internal static class OrderClosing
{
    /// <summary>
    /// Closes orders whose rows the caller has locked. Escrow that is held goes back at once; escrow that is still
    /// requested goes back when it arrives (<see cref="EscrowEffect"/>), since a deposit under way cannot be called
    /// off.
    /// </summary>
    internal static async Task CloseAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        IReadOnlyCollection<OrderRow> orders,
        string status,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (orders.Count == 0)
        {
            return;
        }

        // In a simulation the clock is not set yet when the chain answers right after a restart: closed never lies
        // before created.
        _ = await transaction.ExecuteAsync(
            """
            update orders
            set status = @status,
                closed_at = greatest(created_at, @now),
                escrow = case when escrow = 'held' then 'closed' else escrow end
            where id = any(@ids)
            """,
            new { status, now, ids = orders.Select(static order => order.Id).ToArray() },
            cancellationToken);
        var held = orders.Where(static order => order.Escrow == EscrowState.Held);
        await RefundAsync(transaction, outbox, held, cancellationToken);
    }

    internal static async Task RefundAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        IEnumerable<OrderRow> orders,
        CancellationToken cancellationToken)
    {
        var refunds = orders.Select(OrderIntents.Refund).OfType<ChainIntent>().ToList();
        if (refunds.Count > 0)
        {
            await outbox.EnqueueAsync(transaction, refunds, cancellationToken);
        }
    }
}
