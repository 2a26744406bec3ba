using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

internal static class OrderQueries
{
    internal static Task<OrderRow?> FindAsync(
        NpgsqlTransaction transaction, Guid order, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<OrderRow>(
            OrderRow.Select + " where o.id = @order", new { order }, cancellationToken);

    internal static Task<OrderRow?> FindAsync(
        NpgsqlDataSource database, Guid order, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<OrderRow>(
            OrderRow.Select + " where o.id = @order", new { order }, cancellationToken);

    internal static Task<IReadOnlyList<OrderRow>> FindAsync(
        NpgsqlTransaction transaction, Guid[] orders, CancellationToken cancellationToken) =>
        transaction.QueryAsync<OrderRow>(
            OrderRow.Select + " where o.id = any(@orders)", new { orders }, cancellationToken);

    /// <summary>Locks the rows in the order that everybody keeps: by sequence.</summary>
    internal static Task<IReadOnlyList<OrderRow>> LockAsync(
        NpgsqlTransaction transaction, IReadOnlyCollection<Guid> orders, CancellationToken cancellationToken) =>
        transaction.QueryAsync<OrderRow>(
            OrderRow.Select + " where o.id = any(@ids) order by o.sequence for update of o",
            new { ids = orders.ToArray() },
            cancellationToken);

    internal static Task<IReadOnlyList<string>> LiveZonesAsync(
        NpgsqlDataSource database, CancellationToken cancellationToken) =>
        database.QueryAsync<string>(
            "select distinct zone from orders where status in ('active', 'partially_filled') order by zone",
            null,
            cancellationToken);

    /// <summary>
    /// Live and not yet expired, best first: highest bids, lowest asks, then by arrival; both sides in turn when no
    /// side is named. Direct purchases and orders of one matching are no offers to anybody, and are left out.
    /// </summary>
    internal static Task<IReadOnlyList<OrderRow>> ListedAsync(
        NpgsqlDataSource database,
        string? zone,
        string? side,
        int limit,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        database.QueryAsync<OrderRow>(
            $"""
            select * from (
                {OrderRow.Select}
                where o.status in ('active', 'partially_filled') and o.target_order is null and o.time_in_force = 'gtc'
                  and o.expires_at > @now
                  and (@zone::text is null or o.zone = @zone) and (@side::text is null or o.side = @side)
            ) listed
            order by row_number() over (
                partition by side order by case side when 'buy' then -limit_price else limit_price end, sequence), side
            limit @limit
            """,
            new { zone, side, limit, now },
            cancellationToken);
}
