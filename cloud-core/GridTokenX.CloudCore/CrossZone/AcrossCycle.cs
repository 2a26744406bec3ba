using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.CrossZone;

/// <summary>The part of a cycle that belongs to one seller's zone; its matches in both forms, in one order.</summary>
internal sealed record SellerCycle(MatchCycle Cycle, IReadOnlyList<CrossZoneMatch> Matches);

/// <summary>What a cycle over linked zones found. Pure.</summary>
internal sealed class AcrossCycle(
    IReadOnlyList<OrderRow> live, IReadOnlyList<CrossZoneMatch> matches, DateTimeOffset now)
{
    private readonly Dictionary<long, OrderRow> _orders = live.ToDictionary(static order => order.Sequence);

    internal IReadOnlyList<CrossZoneMatch> Matches => matches;

    internal IReadOnlyCollection<Guid> Touched =>
        [.. matches.SelectMany(match => new[] { _orders[match.Bid].Id, _orders[match.Ask].Id }).Distinct()];

    internal IReadOnlyList<string> SellerZones =>
        [.. matches.Select(static match => match.SellerZone).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The locked orders are still what the cycle was computed from.</summary>
    internal bool IsOf(IReadOnlyList<OrderRow> locked) =>
        locked.Count == Touched.Count
        && locked.All(order => OrderStatus.IsLive(order.Status) && order.Filled == _orders[order.Sequence].Filled);

    /// <summary>Zone by zone; a bid that takes energy of several goes on where the one before has left it.</summary>
    internal IEnumerable<SellerCycle> ByZone()
    {
        var rows = live.ToDictionary(static order => order.Id);
        foreach (var zone in SellerZones)
        {
            var own = matches.Where(match => match.SellerZone == zone).ToList();
            var cycle = MatchCycle.Of(zone, now, [.. rows.Values], Matched(own, rows));
            foreach (var (id, filled) in cycle.Filled)
            {
                rows[id] = rows[id] with { Filled = filled };
            }

            yield return new SellerCycle(cycle, own);
        }
    }

    /// <summary>
    /// By the energy sent, in the order in which they will be written: the shares of a bid's escrow follow it.
    /// </summary>
    private List<Match> Matched(List<CrossZoneMatch> own, Dictionary<Guid, OrderRow> rows)
    {
        Dictionary<Guid, WattHours> filled = [];
        return own.ConvertAll(match =>
        {
            var bid = rows[_orders[match.Bid].Id];
            var before = filled.GetValueOrDefault(bid.Id, bid.Filled);
            filled[bid.Id] = before + match.Sent;
            return new Match(
                bid.Id,
                _orders[match.Ask].Id,
                match.Sent,
                match.Price,
                match.Value,
                GridTokenX.Market.Clearing.BidEscrow.Share(bid.LimitPrice, before, before + match.Sent));
        });
    }
}
