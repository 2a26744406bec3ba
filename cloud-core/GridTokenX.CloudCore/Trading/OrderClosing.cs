using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>The one way in which an order leaves the book without being filled.</summary>
internal static class OrderClosing
{
    /// <summary>
    /// Closes orders whose rows the caller has locked. What lies in escrow goes back when no match needs it any more;
    /// an order whose transaction is still under way goes back when it arrives (<see cref="OrderEvents"/>), since it
    /// cannot be called off.
    /// </summary>
    internal static async Task CloseAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        IReadOnlyCollection<OrderRow> orders,
        string status,
        DateTimeOffset now,
        CancellationToken cancellationToken,
        string? reason = null)
    {
        if (orders.Count == 0)
        {
            return;
        }

        // In a simulation the clock is not set yet when the chain answers right after a restart: closed never lies
        // before created.
        var ids = orders.Select(static order => order.Id).ToArray();
        _ = await transaction.ExecuteAsync(
            """
            update orders
            set status = @status, closed_at = greatest(created_at, @now), reason = coalesce(@reason, reason)
            where id = any(@ids)
            """,
            new { status, now, ids, reason },
            cancellationToken);
        await OrderRelease.ReleaseAsync(transaction, outbox, ids, cancellationToken);
    }
}
