using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Closes what has expired, in batches. Several processes may run it: the rows' locks give each order to one of them.
/// </summary>
internal sealed class ExpiryWorker(
    NpgsqlDataSource database, IChainOutbox outbox, MarketRules market, TimeProvider marketTime) : IMarketWorker
{
    private const int BatchSize = 500;

    public string Name => "expire";

    public int Order => 20;

    public TimeSpan Interval => TimeSpan.FromSeconds(5);

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = marketTime.GetUtcNow();
        var expired = await database.TransactAsync(
            async unit =>
            {
                var orders = await unit.Transaction.QueryAsync<OrderRow>(
                    OrderRow.Select +
                    """
                     where o.status in ('pending', 'active', 'partially_filled') and o.expires_at <= @now
                       -- where there are auctions it takes part in that of every epoch which ends with it or before
                       and ((o.zone = any(@Exceptions)) = @All or (
                           exists (select from epochs e where e.zone = o.zone and e.ends_at >= o.expires_at)
                           and not exists (
                               select from epochs e
                               where e.zone = o.zone and e.status in ('pending', 'active') and e.auctioned_at is null
                                 and e.ends_at <= o.expires_at and e.ends_at > o.created_at)))
                    order by o.sequence limit @BatchSize for update of o
                    """,
                    new { now, BatchSize, market.AuctionZones.All, market.AuctionZones.Exceptions },
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
}
