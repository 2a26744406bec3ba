using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Clearing;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>
/// Sees to it that the call auction of each epoch that has ended is held, once, before the epoch is cleared and before
/// any of its orders expires: by the zone's writer, before anything else that it does. Whenever it comes to that: what
/// takes part is what was there at the epoch's last instant and is still live. Orders that came later wait for the next
/// epoch's auction; one that its owner has cancelled meanwhile is gone.
/// </summary>
internal sealed class AuctionWorker(
    NpgsqlDataSource database, ZoneMarkets markets, MarketRules market, TimeProvider marketTime)
    : IMarketWorker
{
    private const int BatchSize = 200;

    /// <summary>The last instant of an epoch, as exact as PostgreSQL's times are.</summary>
    private static readonly TimeSpan Instant = TimeSpan.FromMicroseconds(1);

    public string Name => "auction";

    /// <summary>Before clearing.</summary>
    public int Order => 5;

    public TimeSpan Interval => TimeSpan.FromSeconds(1);

    /// <summary>Of the epoch: what expires at its end takes part still.</summary>
    internal static DateTimeOffset InstantOf(MarketEpoch epoch) => epoch.End - Instant;

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (market.AuctionZones.IsEmpty)
        {
            return 0;
        }

        var now = marketTime.GetUtcNow();
        _ = await EpochSchedule.AdvanceAsync(database, now, cancellationToken);
        var zones = await database.QueryAsync<string>(
            """
            select distinct zone from epochs
            where status in ('pending', 'active') and ends_at <= @now and auctioned_at is null
              and (zone = any(@Exceptions)) <> @All
            order by zone limit @BatchSize
            """,
            new { now, BatchSize, market.AuctionZones.All, market.AuctionZones.Exceptions },
            cancellationToken);
        var done = 0;
        await EachZone.RunAsync(
            zones,
            async zone => done += (await markets.RunAsync(zone, ZoneScope.Leaving, cancellationToken)).Auctions);
        return done;
    }
}
