using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Effects;
using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;
using Npgsql;
using BookedOrder = GridTokenX.Market.Matching.BookedOrder;

namespace GridTokenX.CloudCore.CrossZone;

/// <summary>
/// Matches the zones that are linked, all in one cycle: a bid takes what costs least where it is. A match of two zones
/// belongs to the seller's zone, where the energy is fed in, and is settled there.
/// </summary>
internal sealed class CrossZoneWorker(
    NpgsqlDataSource database,
    IChainOutbox outbox,
    MarketRules market,
    TimeProvider marketTime,
    TradingOptions options)
    : IMarketWorker
{
    private const int MaxAttempts = 5;

    private readonly IReadOnlyList<string> _zones = [.. market.LinkedZones.Order(StringComparer.Ordinal)];

    public string Name => "match_across";

    public int Order => 31;

    public TimeSpan Interval => options.MatchInterval;

    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts && _zones.Count > 0; attempt++)
        {
            var cycle = await database.TransactAsync(
                unit => RunCycleAsync(unit.Transaction, cancellationToken), cancellationToken);
            if (cycle is { } done)
            {
                if (done > 0)
                {
                    outbox.Wake();
                }

                return done;
            }
        }

        return 0;
    }

    /// <summary>Null when an order was changed by somebody else; nothing has been written then.</summary>
    private async Task<int?> RunCycleAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        foreach (var zone in _zones)
        {
            await ZoneLock.TakeAsync(transaction, zone, cancellationToken);
        }

        var now = marketTime.GetUtcNow();
        var live = await LiveOrdersAsync(transaction, now, cancellationToken);
        var links = await AcrossRecords.LeftAsync(
            transaction, market.Links, MarketEpoch.At(now), cancellationToken);
        var zones = await ZonesAsync(transaction, live, now, cancellationToken);
        var cycle = new AcrossCycle(live, CrossZoneCycle.Match(zones, links, TradePoint.FeedIn), now);
        if (cycle.Matches.Count == 0)
        {
            return 0;
        }

        var locked = await OrderQueries.LockAsync(transaction, cycle.Touched, cancellationToken);
        if (!cycle.IsOf(locked))
        {
            return null;
        }

        foreach (var zone in cycle.SellerZones)
        {
            // A process whose clock is a little ahead has cleared it: all of it falls into the next epoch.
            if (!await MatchRecords.OpenEpochAsync(transaction, zone, MarketEpoch.At(now), cancellationToken))
            {
                return 0;
            }
        }

        foreach (var zone in cycle.ByZone())
        {
            await WriteAsync(transaction, zone, cancellationToken);
        }

        return cycle.Matches.Count;
    }

    private async Task WriteAsync(
        NpgsqlTransaction transaction, SellerCycle zone, CancellationToken cancellationToken)
    {
        var ids = await MatchRecords.WriteAsync(transaction, zone.Cycle, market, cancellationToken);
        await MatchRecords.RequestLocksAsync(
            transaction, zone.Cycle, LockTerms.ExpiryFor(zone.Cycle.Epoch), cancellationToken);
        var across = ids.Zip(zone.Matches)
            .Where(static row => row.Second.BuyerZone != row.Second.SellerZone)
            .ToList();
        if (across.Count > 0)
        {
            await AcrossRecords.WriteAsync(transaction, across, zone.Cycle.Epoch, cancellationToken);
            _ = await MatchEffectRecords.LoseAsync(
                transaction,
                across.ConvertAll(static row => row.First),
                across.ConvertAll(static row => row.Second.Arriving),
                cancellationToken);
        }
    }

    /// <summary>Of each zone what may trade: nothing while its gate is closed, no bid below its price.</summary>
    private async Task<IReadOnlyList<ZoneOrders>> ZonesAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<OrderRow> live,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var owners = live.Select(static order => order.OwnerId).Distinct().Index()
            .ToDictionary(static owner => owner.Item, static owner => (long)owner.Index);
        List<ZoneOrders> zones = [];
        foreach (var zone in _zones)
        {
            var terms = await ZonePrices.TermsAsync(transaction, market.Of(zone), now, cancellationToken);
            var orders = live
                .Where(order => terms.IsOpen && order.Zone == zone)
                .Select(order => Booked(order, owners[order.OwnerId]))
                .ToList();
            zones.Add(new ZoneOrders(
                zone,
                [.. orders
                    .Where(order => order.Side == Side.Bid && !(order.Limit < terms.DynamicPrice))
                    .OrderByDescending(static order => order.Limit).ThenBy(static order => order.Sequence)],
                [.. orders
                    .Where(static order => order.Side == Side.Ask)
                    .OrderBy(static order => order.Limit).ThenBy(static order => order.Sequence)]));
        }

        return zones;
    }

    private static BookedOrder Booked(OrderRow order, long owner) => new(
        order.Sequence,
        owner,
        order.Side == OrderSide.Buy ? Side.Bid : Side.Ask,
        order.LimitPrice,
        order.Energy,
        order.Rest,
        MarketTime.At(order.ExpiresAt));

    /// <summary>Direct purchases are the zone's own.</summary>
    private Task<IReadOnlyList<OrderRow>> LiveOrdersAsync(
        NpgsqlTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.QueryAsync<OrderRow>(
            OrderRow.Select +
            """
             where o.zone = any(@zones) and o.status in ('active', 'partially_filled') and o.expires_at > @now
               and o.target_order is null
            """,
            new { zones = _zones.ToArray(), now },
            cancellationToken);
}
