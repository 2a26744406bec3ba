using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Closes what has expired: what waits for its escrow still, in batches, and through the books what is live. Several
/// processes may run it: the rows' and the zones' locks give each order to one of them.
/// </summary>
internal sealed class ExpiryWorker(
    NpgsqlDataSource database, IChainOutbox outbox, ZoneMarkets markets, TimeProvider marketTime) : IMarketWorker
{
    private const int BatchSize = 500;

    public string Name => "expire";

    public int Order => 20;

    public TimeSpan Interval => TimeSpan.FromSeconds(5);

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = marketTime.GetUtcNow();
        var expired = await ExpirePendingAsync(now, cancellationToken);
        await EachZone.RunAsync(
            await ZonesAsync(now, cancellationToken),
            async zone => expired += (await markets.RunAsync(zone, ZoneScope.Leaving, cancellationToken)).Expired);
        return expired;
    }

    private async Task<int> ExpirePendingAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var expired = await database.TransactAsync(
            async unit =>
            {
                var orders = await unit.Transaction.QueryAsync<OrderRow>(
                    OrderRow.Select +
                    """
                     where o.status = 'pending' and o.expires_at <= @now
                    order by o.sequence limit @BatchSize for update of o
                    """,
                    new { now, BatchSize },
                    cancellationToken);
                await OrderClosing.CloseAsync(
                    unit.Transaction, outbox, orders, OrderStatus.Expired, now, cancellationToken);
                return orders.Count;
            },
            cancellationToken);
        if (expired > 0)
        {
            outbox.Wake();
        }

        return expired;
    }

    private Task<IReadOnlyList<string>> ZonesAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.QueryAsync<string>(
            """
            select distinct zone from orders
            where status in ('active', 'partially_filled') and expires_at <= @now order by zone
            """,
            new { now },
            cancellationToken);
}
