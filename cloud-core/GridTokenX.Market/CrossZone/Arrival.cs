using GridTokenX.Market.Matching;

namespace GridTokenX.Market.CrossZone;

/// <summary>When an order came to the market, comparable over zones, whose sequences are not.</summary>
/// <param name="At">From when on it could match.</param>
/// <param name="Number">Of several at one instant, unique over all zones.</param>
public readonly record struct Arrival(MarketTime At, long Number)
{
    internal (long Ticks, long Number) Order => (At.UtcTicks, Number);
}

/// <summary>A bid whose turn is by its limit and by this arrival.</summary>
internal readonly record struct BidTurn(string Zone, BookedOrder Bid, Arrival Arrival);

internal static class BidTurns
{
    /// <summary>
    /// A zone's own order stays as it is: who stands behind another bid at the same limit arrives no earlier than that.
    /// </summary>
    internal static IEnumerable<BidTurn> Of(ZoneOrders zone)
    {
        var before = default(BidTurn);
        foreach (var bid in zone.Bids)
        {
            var arrival = zone.ArrivalOf(bid);
            var isBehind = before.Bid.Limit == bid.Limit && before.Arrival.Order.CompareTo(arrival.Order) > 0;
            before = new BidTurn(zone.Zone, bid, isBehind ? before.Arrival : arrival);
            yield return before;
        }
    }
}
