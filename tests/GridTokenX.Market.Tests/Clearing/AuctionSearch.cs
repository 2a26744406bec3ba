using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.Clearing;

/// <summary>The auction's price by trying every price there is.</summary>
internal static class AuctionSearch
{
    internal static (long Price, long Volume, long Imbalance)? Best(
        IReadOnlyList<BookedOrder> bids, IReadOnlyList<BookedOrder> asks)
    {
        var tried = Enumerable.Range(0, 40).Select(price => (long)price).Select(price => (
            Price: price,
            Demand: bids.Where(bid => bid.Limit.Value >= price).Sum(static bid => bid.Rest.Value),
            Supply: asks.Where(ask => ask.Limit.Value <= price).Sum(static ask => ask.Rest.Value))).ToList();
        var volume = tried.Max(static at => Math.Min(at.Demand, at.Supply));
        if (volume == 0)
        {
            return null;
        }

        var most = tried.Where(at => Math.Min(at.Demand, at.Supply) == volume).ToList();
        var least = most.Min(static at => Math.Abs(at.Demand - at.Supply));
        var balanced = most.Where(at => Math.Abs(at.Demand - at.Supply) == least).ToList();
        var midpoint = (MarginalLimit(bids, volume) + MarginalLimit(asks, volume)) / 2;
        var best = balanced.MinBy(at => Math.Abs(at.Price - midpoint));
        return (best.Price, volume, best.Demand - best.Supply);
    }

    /// <summary>The limit of the order that the last watt-hour of the volume comes from, best orders first.</summary>
    private static long MarginalLimit(IReadOnlyList<BookedOrder> ranked, long volume) =>
        ranked.SelectMany(static order => Enumerable.Repeat(order.Limit.Value, (int)order.Rest.Value))
            .ElementAt((int)volume - 1);
}
