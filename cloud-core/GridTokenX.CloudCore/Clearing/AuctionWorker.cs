using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>
/// Holds the call auction of each epoch that has ended, once, before the epoch is cleared and before any of its orders
/// expires. Whenever it comes to that: what takes part is what was there at the epoch's last instant and is still live.
/// Orders that came later wait for the next epoch's auction; one that its owner has cancelled meanwhile is gone.
/// </summary>
internal sealed class AuctionWorker(
    NpgsqlDataSource database, IChainOutbox outbox, MarketRules market, TimeProvider marketTime,
    ILogger<AuctionWorker> logger)
    : IMarketWorker
{
    private const int BatchSize = 200;
    private const int MaxAttempts = 5;

    /// <summary>The last instant of an epoch, as exact as PostgreSQL's times are.</summary>
    private static readonly TimeSpan Instant = TimeSpan.FromMicroseconds(1);

    private sealed record EndedEpoch(string Zone, DateTimeOffset StartsAt);

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
        var ended = await database.QueryAsync<EndedEpoch>(
            """
            select zone, starts_at from epochs
            where status in ('pending', 'active') and ends_at <= @now and auctioned_at is null
              and (zone = any(@Exceptions)) <> @All
            order by ends_at, zone limit @BatchSize
            """,
            new { now, BatchSize, market.AuctionZones.All, market.AuctionZones.Exceptions },
            cancellationToken);
        var done = 0;
        foreach (var epoch in ended)
        {
            done += await HoldAsync(epoch.Zone, MarketEpoch.At(epoch.StartsAt), now, cancellationToken);
        }

        return done;
    }

    private async Task<int> HoldAsync(
        string zone, MarketEpoch epoch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var held = await database.TransactAsync(
                unit => HoldAsync(unit.Transaction, zone, epoch, now, cancellationToken), cancellationToken);
            if (held is { } done)
            {
                outbox.Wake();
                return done;
            }
        }

        return 0;
    }

    /// <summary>
    /// 0 when another process has held it. Null when an order was changed by somebody else; nothing has been written
    /// then.
    /// </summary>
    private async Task<int?> HoldAsync(
        NpgsqlTransaction transaction,
        string zone,
        MarketEpoch epoch,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await ZoneLock.TakeAsync(transaction, zone, cancellationToken);
        if (!await EpochRecords.LockForAuctionAsync(transaction, zone, epoch.Number, cancellationToken))
        {
            return 0;
        }

        var instant = InstantOf(epoch);
        var terms = await ZonePrices.TermsAsync(transaction, market.Of(zone), instant, cancellationToken);
        var live = await EpochRecords.LiveOrdersAsync(transaction, zone, instant, cancellationToken);
        var (price, matches) = terms.Auction(live.Select(OrderOf));
        var cycle = MatchCycle.Of(zone, instant, live, matches);
        if (matches.Count > 0)
        {
            var locked = await OrderQueries.LockAsync(transaction, cycle.Touched, cancellationToken);
            if (!cycle.IsOf(locked))
            {
                return null;
            }

            await MatchRecords.WriteAsync(transaction, cycle, market, cancellationToken);
            await MatchRecords.RequestLocksAsync(
                transaction, cycle, LockTerms.ExpiryFor(MarketEpoch.At(now)), cancellationToken);
        }

        await EpochRecords.WriteAuctionAsync(transaction, zone, epoch.Number, price, now, cancellationToken);
        Log.AuctionHeld(logger, epoch.Number, zone, matches.Count, price?.Volume.Value ?? 0, price?.Price.Value);
        return 1;
    }

    internal static Order OrderOf(OrderRow order) => new()
    {
        Id = order.Id,
        Sequence = order.Sequence,
        Owner = order.OwnerId,
        Side = order.Side == OrderSide.Buy ? Side.Bid : Side.Ask,
        Limit = order.LimitPrice,
        Energy = order.Energy,
        Filled = order.Filled,
        ExpiresAt = order.ExpiresAt,
        Target = order.TargetOrder,
    };
}
