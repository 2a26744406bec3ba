using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Escrows have arrived on chain.</summary>
internal static class OrderEscrow
{
    private const string Holding =
        """
        update orders
        set escrow = 'held', escrowed_at = greatest(created_at, @now),
            status = case when status = 'pending' then 'active' else status end
        where id = any(@held);

        """;

    /// <summary>
    /// An order that was cancelled or has expired meanwhile gets all of it back; one that is still wanted may match
    /// from now on, as soon as the zone's writer has given it its place. The caller has locked the rows.
    /// </summary>
    internal static async Task HoldAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        IReadOnlyList<OrderRow> orders,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (orders.Count == 0)
        {
            return;
        }

        var wanted = orders.Where(static order => order.Status == OrderStatus.Pending).ToLookup(o => o.ExpiresAt > now);
        IReadOnlyList<OrderRow> placed = [.. wanted[true]];
        _ = await transaction.ExecuteAsync(
            placed.Count > 0 ? Holding + MarketInbox.Adding : Holding,
            new
            {
                now,
                held = orders.Select(static order => order.Id).ToArray(),
                kind = InboxKind.Place,
                zones = placed.Select(static order => order.Zone).ToArray(),
                ids = placed.Select(static order => order.Id).ToArray(),
                MarketInbox.Channel,
            },
            cancellationToken);
        await OrderClosing.CloseAsync(
            transaction, outbox, [.. wanted[false]], OrderStatus.Expired, now, cancellationToken);
        var ended = orders.Where(static order => order.Status != OrderStatus.Pending)
            .Select(static order => order.Id)
            .ToList();
        if (ended.Count > 0)
        {
            await OrderRelease.ReleaseAsync(transaction, outbox, ended, cancellationToken);
        }
    }
}
