using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>
/// Moves the epochs on with market time, and clears each one that has ended, exactly once: under the zone's lock, so
/// no match is added meanwhile, and only while the epoch is still open, so a second process finds nothing to do. The
/// oldest epoch of each zone first: one that cannot be cleared keeps back its own zone alone.
/// </summary>
internal sealed class ClearingWorker(
    NpgsqlDataSource database,
    IChainOutbox outbox,
    MarketRules market,
    TimeProvider marketTime,
    ILogger<ClearingWorker> logger)
    : IMarketWorker
{
    private const int BatchSize = 200;

    private sealed record OpenEpoch(string Zone, long Number);

    public string Name => "clear";

    public int Order => 10;

    public TimeSpan Interval => TimeSpan.FromSeconds(1);

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = marketTime.GetUtcNow();
        var done = await EpochSchedule.AdvanceAsync(database, now, cancellationToken);
        var ended = await database.QueryAsync<OpenEpoch>(
            """
            select zone, number from (
                select zone, number, row_number() over (partition by zone order by ends_at) as turn from epochs
                where status in ('pending', 'active') and ends_at <= @now
                  and (auctioned_at is not null or (zone = any(@Exceptions)) = @All)) ended
            order by turn, zone limit @BatchSize
            """,
            new { now, BatchSize, market.AuctionZones.All, market.AuctionZones.Exceptions },
            cancellationToken);
        await EachZone.RunAsync(
            ended.GroupBy(static epoch => epoch.Zone),
            static zone => zone.Key,
            async zone =>
            {
                foreach (var epoch in zone)
                {
                    done += await ClearAsync(epoch, now, cancellationToken);
                }
            });
        return done;
    }

    private async Task<int> ClearAsync(OpenEpoch epoch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var cleared = await database.TransactAsync(
            unit => ClearAsync(unit.Transaction, epoch, now, cancellationToken), cancellationToken);
        if (cleared is null)
        {
            return 0;
        }

        outbox.Wake();
        Log.EpochCleared(
            logger, epoch.Number, epoch.Zone, cleared.Statistics.Trades, cleared.Statistics.Volume.Value);
        return 1;
    }

    /// <summary>Null when another process has cleared it.</summary>
    private async Task<EpochClearing?> ClearAsync(
        NpgsqlTransaction transaction, OpenEpoch epoch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await ZoneLock.TakeAsync(transaction, epoch.Zone, cancellationToken);
        if (!await EpochRecords.LockOpenAsync(transaction, epoch.Zone, epoch.Number, cancellationToken))
        {
            return null;
        }

        var trades = await EpochRecords.TradesAsync(transaction, epoch.Zone, epoch.Number, cancellationToken);
        var orders = await EpochRecords.OrdersAsync(transaction, epoch.Zone, epoch.Number, cancellationToken);
        var clearing = EpochClearing.Of(trades, orders, now);
        var intents = await EpochRecords.WriteAsync(
            transaction, epoch.Zone, epoch.Number, clearing, now, cancellationToken);
        if (intents.Count > 0)
        {
            await outbox.EnqueueAsync(transaction, intents, cancellationToken);
        }

        return clearing;
    }
}
