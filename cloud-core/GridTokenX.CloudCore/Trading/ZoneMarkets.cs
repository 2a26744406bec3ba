using System.Collections.Concurrent;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.CrossZone;
using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// The writers of all zones in this process. Any process may write to any zone, one at a time: who finds that somebody
/// else has written meanwhile reads the book anew and goes on.
/// </summary>
internal sealed class ZoneMarkets
{
    /// <summary>
    /// While another process has written to a zone so lately, its inbox is left to that one: taking turns would mean
    /// reading the book again and again. In a simulation nothing is left to others.
    /// </summary>
    internal static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Turns> _zones = new(StringComparer.Ordinal);
    private readonly ZoneWriter _writer;
    private readonly TimeSpan _courtesy;
    private readonly bool _servesArrivals;
    private volatile bool _hasOpened;

    // The epoch in which this process has last seen to the schedule.
    private long _scheduled;

    internal ZoneMarkets(
        NpgsqlDataSource database,
        IChainOutbox outbox,
        TimeProvider marketTime,
        WallTime wall,
        TradingOptions options,
        MarketRules market,
        TimeSpan courtesy,
        ILogger<ZoneMarkets> logger,
        IMarketFeed? feed = null,
        bool servesArrivals = true)
    {
        _courtesy = courtesy;
        _servesArrivals = servesArrivals;
        _writer = new ZoneWriter(Guid.NewGuid(), database, outbox, marketTime, wall, options, market, logger, feed);
    }

    /// <summary>What a row of an inbox asks for is done at once; else new orders wait for their cycle.</summary>
    internal bool AreImmediate => _writer.Trading.MatchInterval == TimeSpan.Zero;

    /// <summary>Orders may take their places as soon as their escrows arrive (<see cref="TryPlaceAsync"/>).</summary>
    internal bool ServeArrivals => _servesArrivals && AreImmediate;

    /// <summary>
    /// Places and matches orders in the transaction in which their escrows arrive, where nothing has to be waited for:
    /// the zone is nobody's at this moment, its inbox is empty, this process was the last to write to it, and its
    /// orders are not matched by a cycle or an auction. Else, and after a fault until the zone's writer has been
    /// through, false: then nothing has happened, and the inbox is the orders' way.
    /// </summary>
    /// <param name="unit">Holds the zone's lock.</param>
    /// <param name="zone">As it is under the lock.</param>
    /// <param name="orders">Locked by the unit.</param>
    /// <param name="now">Market time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task<bool> TryPlaceAsync(
        UnitOfWork unit,
        OfferedZone zone,
        IReadOnlyList<OrderRow> orders,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var isWanted = zone.IsFree && orders.Count is > 0 and <= ZoneMarket.MaxGroup
            && orders.All(order =>
                order.Zone == zone.Zone && order.Status == OrderStatus.Pending && order.ExpiresAt > now)
            && BookKind.Of(_writer.Market.Of(zone.Zone), _writer.Trading).Mode == MatchingMode.Continuous;
        return isWanted && TurnsOf(zone.Zone).TryEnter(unit) is { } market
            && await market.TryPlaceAsync(unit, zone, orders, now, cancellationToken);
    }

    /// <summary>
    /// Does what the zone's inbox asks for at this moment, and what has expired. Calls that come while another one
    /// works share the next run. New orders of linked zones come into their books with a cycle over all of these.
    /// </summary>
    internal async Task<ZoneOutcome> RunAsync(string zone, ZoneScope scope, CancellationToken cancellationToken)
    {
        if (scope == ZoneScope.All && _writer.Market.LinkedZones.Contains(zone))
        {
            return await RunLinkedAsync(cancellationToken);
        }

        if (_writer.Market.Of(zone).Rule == ClearingRule.CallAuction)
        {
            await KeepScheduleAsync(cancellationToken);
        }

        var turns = TurnsOf(zone);
        return scope != ZoneScope.Opening && await IsInGoodHandsAsync(zone, turns, cancellationToken)
            ? default
            : await turns.RunAsync(scope, cancellationToken);
    }

    /// <summary>
    /// All zones that have something to do; those whose price or gate may have changed look themselves, and the first
    /// time every zone does, since its rule may be another one than before.
    /// </summary>
    internal async Task<ZoneOutcome> RunAsync(ZoneScope scope, CancellationToken cancellationToken)
    {
        var zones = await MarketInbox.ZonesAsync(_writer.Database, cancellationToken);
        var isOpening = scope == ZoneScope.All && !_hasOpened;
        if (scope == ZoneScope.All && (isOpening || _writer.Market.AreConditional))
        {
            var live = await OrderQueries.LiveZonesAsync(_writer.Database, cancellationToken);
            var looking = live.Where(zone => isOpening || _writer.Market.Of(zone).AreConditional);
            zones = [.. zones.Union(looking).Order(StringComparer.Ordinal)];
        }

        var total = default(ZoneOutcome);
        await EachZone.RunAsync(
            zones.Where(zone => !_writer.Market.LinkedZones.Contains(zone)),
            async zone => total += await RunAsync(
                zone, isOpening && !TurnsOf(zone).HasOpened ? ZoneScope.Opening : scope, cancellationToken));
        _hasOpened |= isOpening;
        return total;
    }

    /// <summary>A cycle over the zones that trade with each other; nothing where there are none.</summary>
    internal async Task<ZoneOutcome> RunLinkedAsync(CancellationToken cancellationToken)
    {
        var zones = _writer.Market.LinkedZones.Order(StringComparer.Ordinal).ToList();
        if (zones.Count == 0)
        {
            return default;
        }

        var taken = new List<Turns>();
        try
        {
            foreach (var zone in zones)
            {
                var turns = TurnsOf(zone);
                if (await IsInGoodHandsAsync(zone, turns, cancellationToken))
                {
                    return default;
                }

                await turns.EnterAsync(cancellationToken);
                taken.Add(turns);
            }

            return await new LinkedCycle(_writer, taken.ConvertAll(static turns => turns.Market))
                .RunAsync(cancellationToken);
        }
        finally
        {
            taken.ForEach(static turns => turns.Leave());
        }
    }

    /// <summary>
    /// Before anything expires, the auctions of all epochs up to now are there to be held. Once an epoch is enough: a
    /// zone that begins in it has nothing to hold before its end.
    /// </summary>
    private async Task KeepScheduleAsync(CancellationToken cancellationToken)
    {
        var now = _writer.MarketTime.GetUtcNow();
        var present = MarketEpoch.At(now).Number;
        if (Interlocked.Read(ref _scheduled) != present)
        {
            _ = await EpochSchedule.AdvanceAsync(_writer.Database, now, cancellationToken);
            _ = Interlocked.Exchange(ref _scheduled, present);
        }
    }

    /// <summary>Who has worked there a moment ago need not ask.</summary>
    private async Task<bool> IsInGoodHandsAsync(string zone, Turns turns, CancellationToken cancellationToken) =>
        _writer.Wall.UtcNow - turns.WorkedAt >= _courtesy
        && await ZoneRecords.IsInGoodHandsAsync(
            _writer.Database, zone, _writer.Writer, _courtesy, cancellationToken);

    private Turns TurnsOf(string zone) =>
        _zones.GetOrAdd(zone, static (name, writer) => new Turns(new ZoneMarket(name, writer)), _writer);

    /// <summary>One run at a time; who waited while one began and ended has been served by it.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for has nothing to give back.
    private sealed class Turns(ZoneMarket market)
#pragma warning restore CA1001
    {
        private readonly SemaphoreSlim _turn = new(1, 1);
        private volatile bool _isShunned;
        private long _asked;
        private long _served;

        /// <summary>When a run of this process last wrote.</summary>
        internal DateTimeOffset WorkedAt => market.WroteAt;

        internal ZoneMarket Market => market;

        internal bool HasOpened { get; private set; }

        internal Task EnterAsync(CancellationToken cancellationToken) => _turn.WaitAsync(cancellationToken);

        internal void Leave() => _ = _turn.Release();

        /// <summary>
        /// Without waiting, until the unit ends. Null when somebody is there, or when such a visit has failed and no
        /// run has come through since.
        /// </summary>
        internal ZoneMarket? TryEnter(UnitOfWork unit)
        {
            if (_isShunned || !_turn.Wait(TimeSpan.Zero))
            {
                return null;
            }

            unit.OnEnd(isCommitted =>
            {
                _isShunned = !isCommitted;
                Leave();
            });
            return market;
        }

        internal async Task<ZoneOutcome> RunAsync(ZoneScope scope, CancellationToken cancellationToken)
        {
            var ticket = Interlocked.Increment(ref _asked);
            await _turn.WaitAsync(cancellationToken);
            try
            {
                if (scope == ZoneScope.Leaving && _served >= ticket)
                {
                    return default;
                }

                var upTo = Interlocked.Read(ref _asked);
                var outcome = await market.RunAsync(scope, cancellationToken);
                _served = upTo;
                _isShunned = false;
                HasOpened |= scope == ZoneScope.Opening;
                return outcome;
            }
            finally
            {
                _ = _turn.Release();
            }
        }
    }
}
