using GridTokenX.CloudCore.Pricing;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>What may match in a zone at an instant: its rules with the price and the gate that apply. Pure.</summary>
/// <param name="Rules">Of the zone.</param>
/// <param name="IsOpen">The battery gate lets trades through, and the price is known where there is one.</param>
/// <param name="DynamicPrice">A match needs a bid at or above it; null for none.</param>
internal sealed record MatchingTerms(ZoneRules Rules, bool IsOpen, PricePerKwh? DynamicPrice)
{
    /// <summary>
    /// A cycle of the running market. Where orders gather for the auction, or are matched with those of other zones,
    /// only direct purchases take place: buyer and seller have agreed on each other and on the price.
    /// </summary>
    internal IReadOnlyList<Match> Match(IEnumerable<Order> live)
    {
        if (!IsOpen)
        {
            return [];
        }

        var eligible = Rules.Rule == ClearingRule.CallAuction || Rules.IsLinked
            ? live.Where(static order => order.Side == Side.Ask || order.Target is not null)
            : live;
        return ZoneCycle.Match(eligible, DynamicPrice, Rules.ExactQuantity);
    }

    /// <summary>The auction over the epoch's orders; nothing while the gate is closed: they stay.</summary>
    internal (AuctionPrice? Price, IReadOnlyList<Match> Matches) Auction(IEnumerable<Order> live) =>
        IsOpen ? ZoneCycle.Auction(live, Rules.Rationing, DynamicPrice) : (null, []);
}
