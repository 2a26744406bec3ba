using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>An order's escrow has arrived on chain.</summary>
internal static class OrderEscrow
{
    /// <summary>
    /// An order that was cancelled or has expired meanwhile gets all of it back; one that is still wanted may match
    /// from now on, as soon as the zone's writer has given it its place. The caller has locked its row.
    /// </summary>
    internal static async Task HoldAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        OrderRow order,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var isWanted = order.Status == OrderStatus.Pending;
        var isOver = isWanted && order.ExpiresAt <= now;
        _ = await transaction.ExecuteAsync(
            """
            update orders
            set escrow = 'held', escrowed_at = greatest(created_at, @now),
                status = case when @isWanted then 'active' else status end
            where id = @Id
            """,
            new { now, isWanted, order.Id },
            cancellationToken);
        if (isOver)
        {
            await OrderClosing.CloseAsync(
                transaction, outbox, [order], OrderStatus.Expired, now, cancellationToken);
        }
        else if (isWanted)
        {
            await MarketInbox.AddAsync(transaction, order, InboxKind.Place, cancellationToken);
        }
        else
        {
            await OrderRelease.ReleaseAsync(transaction, outbox, [order.Id], cancellationToken);
        }
    }
}
