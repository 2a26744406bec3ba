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

    /// <summary>Epochs of a zone in one transaction: a quarter of a day.</summary>
    private const int MaxAtOnce = 24;

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
            ended.GroupBy(static epoch => epoch.Zone, static epoch => epoch.Number),
            static zone => zone.Key,
            async zone =>
            {
                foreach (var numbers in zone.Chunk(MaxAtOnce))
                {
                    done += await ClearAllAsync(zone.Key, numbers, now, cancellationToken);
                }
            });
        return done;
    }

    /// <summary>In one transaction; one after the other, the oldest first, when one of them keeps all back.</summary>
    private async Task<int> ClearAllAsync(
        string zone, long[] numbers, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            return await ClearTogetherAsync(zone, numbers, now, cancellationToken);
        }
#pragma warning disable CA1031 // Whatever is wrong with one of them; alone it fails again, and says so.
        catch (Exception exception) when (numbers.Length > 1 && !EachZone.IsOfAll(exception))
#pragma warning restore CA1031
        {
            var done = 0;
            foreach (var number in numbers)
            {
                done += await ClearTogetherAsync(zone, [number], now, cancellationToken);
            }

            return done;
        }
    }

    private async Task<int> ClearTogetherAsync(
        string zone, long[] numbers, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var cleared = await database.TransactAsync(
            unit => ClearAsync(unit.Transaction, zone, numbers, now, cancellationToken), cancellationToken);
        if (cleared.Count == 0)
        {
            return 0;
        }

        outbox.Wake();
        foreach (var epoch in cleared)
        {
            Log.EpochCleared(logger, epoch.Number, zone, epoch.Statistics.Trades, epoch.Statistics.Volume.Value);
        }

        return cleared.Count;
    }

    /// <summary>Without those that another process has cleared.</summary>
    private async Task<IReadOnlyList<EpochClearing>> ClearAsync(
        NpgsqlTransaction transaction,
        string zone,
        long[] numbers,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await ZoneLock.TakeAsync(transaction, zone, cancellationToken);
        var open = await EpochRecords.LockOpenAsync(transaction, zone, numbers, cancellationToken);
        if (open.Count == 0)
        {
            return [];
        }

        var trades = (await EpochRecords.TradesAsync(transaction, zone, open, cancellationToken))
            .ToLookup(static trade => trade.Epoch);
        var orders = (await EpochRecords.OrdersAsync(transaction, zone, open, cancellationToken))
            .ToLookup(static order => order.Epoch);
        var cleared = open
            .Select(number => EpochClearing.Of(number, [.. trades[number]], [.. orders[number]], now))
            .ToList();
        var intents = await EpochRecords.WriteAsync(transaction, zone, cleared, now, cancellationToken);
        await outbox.EnqueueAsync(transaction, intents, cancellationToken);
        return cleared;
    }
}
