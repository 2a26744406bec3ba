using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;

namespace GridTokenX.CloudCore.CrossZone;

/// <summary>A match that was found over several zones, with the names of its orders.</summary>
internal sealed record AcrossMatch(Guid Bid, Guid Ask, CrossZoneMatch Terms);

/// <summary>The part of a cycle that belongs to one seller's zone; its matches in both forms, in one order.</summary>
internal sealed record SellerCycle(MatchCycle Cycle, IReadOnlyList<CrossZoneMatch> Matches);

/// <summary>What a cycle over linked zones found, for the rows of its orders. Pure.</summary>
internal static class AcrossCycle
{
    /// <summary>
    /// Zone by zone, by name; a bid that takes energy of several goes on where the one before has left it.
    /// </summary>
    /// <param name="orders">As they stood before; they are moved on.</param>
    /// <param name="matches">In the order in which they were found.</param>
    /// <param name="now">Market time.</param>
    internal static IEnumerable<SellerCycle> ByZone(
        Dictionary<Guid, OrderRow> orders, IReadOnlyList<AcrossMatch> matches, DateTimeOffset now)
    {
        foreach (var zone in matches.GroupBy(static match => match.Terms.SellerZone, StringComparer.Ordinal)
            .OrderBy(static zone => zone.Key, StringComparer.Ordinal))
        {
            List<AcrossMatch> own = [.. zone];
            var touched = own.SelectMany(static match => (Guid[])[match.Bid, match.Ask]).Distinct()
                .Select(id => orders[id])
                .ToList();
            var cycle = MatchCycle.Of(zone.Key, now, touched, Matched(own, orders));
            foreach (var (id, filled) in cycle.Filled)
            {
                orders[id] = orders[id] with { Filled = filled };
            }

            yield return new SellerCycle(cycle, own.ConvertAll(static match => match.Terms));
        }
    }

    /// <summary>
    /// By the energy sent, in the order in which they will be written: the shares of a bid's escrow follow it.
    /// </summary>
    private static List<Match> Matched(List<AcrossMatch> own, Dictionary<Guid, OrderRow> orders)
    {
        var filled = own.Select(static match => match.Bid).Distinct()
            .ToDictionary(static bid => bid, bid => orders[bid].Filled);
        return own.ConvertAll(match =>
        {
            var before = filled[match.Bid];
            var after = filled[match.Bid] = before + match.Terms.Sent;
            return new Match(
                match.Bid,
                match.Ask,
                match.Terms.Sent,
                match.Terms.Price,
                match.Terms.Value,
                BidEscrow.Share(orders[match.Bid].LimitPrice, before, after));
        });
    }
}
