using System.Numerics;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.Matching;

internal readonly record struct NaivePairing(NaiveOrder Bid, NaiveOrder Ask, long Energy, long Price);

/// <summary>
/// A call auction by its description: every price that could be the best one is tried, every share computed by itself.
/// Orders as they rank, best first.
/// </summary>
internal static class NaiveAuction
{
    private const int MostRounds = 64;

    /// <summary>Empty when nothing crosses.</summary>
    internal static List<NaivePairing> Hold(List<NaiveOrder> bids, List<NaiveOrder> asks, Rationing rationing)
    {
        var round = 0;
        while (true)
        {
            round++;
            if (Price(bids, asks) is not (var price, var volume, _))
            {
                return [];
            }

            var pairings = Pair(Shares(bids, price, volume, rationing), Shares(asks, price, volume, rationing), price);
            var fallingShort = bids.Concat(asks)
                .Where(order => order.Order.TimeInForce == TimeInForce.FillOrKill && Reaches(order, price)
                    && pairings.Where(pair => pair.Bid == order || pair.Ask == order).Sum(pair => pair.Energy)
                        < order.Rest)
                .OrderByDescending(static order => order.Order.Sequence)
                .ToList();
            if (fallingShort.Count == 0)
            {
                return pairings;
            }

            // All or nothing: the later half leaves, and after many rounds all that ask for it do.
            var leaving = round > MostRounds
                ? bids.Concat(asks).Where(static order => order.Order.TimeInForce == TimeInForce.FillOrKill).ToHashSet()
                : fallingShort.Take((fallingShort.Count + 1) / 2).ToHashSet();
            bids = bids.FindAll(bid => !leaving.Contains(bid));
            asks = asks.FindAll(ask => !leaving.Contains(ask));
        }
    }

    /// <summary>With demand less supply at the price.</summary>
    internal static (long Price, long Volume, long Imbalance)? Price(List<NaiveOrder> bids, List<NaiveOrder> asks)
    {
        if (bids.Count == 0 || asks.Count == 0 || LimitOf(bids[0]) < LimitOf(asks[0]))
        {
            return null;
        }

        var (low, high) = (LimitOf(asks[0]), LimitOf(bids[0]));
        var wanted = Levels(bids);
        var offered = Levels(asks);
        var volume = Tried(low, high, wanted, offered, []).Max(static at => Math.Min(at.Demand, at.Supply));
        var midpoint = (MarginalLimit(bids, volume) + MarginalLimit(asks, volume)) / 2;
        var best = Tried(low, high, wanted, offered, [midpoint])
            .Where(at => Math.Min(at.Demand, at.Supply) == volume)
            .OrderBy(static at => Math.Abs(at.Demand - at.Supply))
            .ThenBy(at => Math.Abs(at.Price - midpoint))
            .First();
        return (best.Price, volume, best.Demand - best.Supply);
    }

    /// <summary>What each order that the price reaches gets, in their order; some nothing.</summary>
    internal static List<(NaiveOrder Order, long Energy)> Shares(
        List<NaiveOrder> orders, long price, long volume, Rationing rationing)
    {
        List<(NaiveOrder, long)> shares = [];
        foreach (var level in orders.Where(order => Reaches(order, price)).GroupBy(LimitOf))
        {
            var offered = level.Sum(static order => order.Rest);
            var energy = Math.Min(volume, offered);
            volume -= energy;
            if (rationing == Rationing.Time)
            {
                foreach (var order in level)
                {
                    var share = Math.Min(order.Rest, energy);
                    energy -= share;
                    shares.Add((order, share));
                }

                continue;
            }

            var left = energy - level.Sum(order => (long)((BigInteger)energy * order.Rest / offered));
            foreach (var order in level)
            {
                var isRounded = (BigInteger)energy * order.Rest % offered != 0;
                var extra = isRounded && left > 0 ? 1 : 0;
                left -= extra;
                shares.Add((order, (long)((BigInteger)energy * order.Rest / offered) + extra));
            }
        }

        return shares;
    }

    /// <summary>
    /// In their order, nobody with himself; then who is left with himself alone changes places with two strangers.
    /// </summary>
    private static List<NaivePairing> Pair(
        List<(NaiveOrder Order, long Energy)> bids, List<(NaiveOrder Order, long Energy)> asks, long price)
    {
        List<NaivePairing> pairings = [];
        var buys = bids.ToDictionary(static share => share.Order, static share => share.Energy);
        var sells = asks.ToDictionary(static share => share.Order, static share => share.Energy);
        foreach (var (bid, _) in bids)
        {
            foreach (var (ask, _) in asks.Where(ask => ask.Order.Order.Owner != bid.Order.Owner))
            {
                Join(bid, ask, Math.Min(buys[bid], sells[ask]));
            }
        }

        var strangers = pairings.Count;
        while (bids.Find(share => buys[share.Order] > 0).Order is { } bid
            && asks.Find(share => sells[share.Order] > 0).Order is { } ask
            && pairings.FindIndex(0, strangers, pair => pair.Energy > 0
                && pair.Bid.Order.Owner != bid.Order.Owner && pair.Ask.Order.Owner != bid.Order.Owner) is var at
            && at >= 0)
        {
            var (buyer, seller, whole, _) = pairings[at];
            var energy = Math.Min(whole, Math.Min(buys[bid], sells[ask]));
            pairings[at] = pairings[at] with { Energy = whole - energy };
            buys[buyer] += energy;
            sells[seller] += energy;
            Join(bid, seller, energy);
            Join(buyer, ask, energy);
        }

        return pairings.FindAll(static pair => pair.Energy > 0);

        void Join(NaiveOrder bid, NaiveOrder ask, long energy)
        {
            if (energy > 0)
            {
                buys[bid] -= energy;
                sells[ask] -= energy;
                pairings.Add(new NaivePairing(bid, ask, energy, price));
            }
        }
    }

    /// <summary>Demand and supply change only at an ask's limit and above a bid's: the ends of every stretch.</summary>
    private static IEnumerable<(long Price, long Demand, long Supply)> Tried(
        long low,
        long high,
        List<(long Limit, long Energy)> wanted,
        List<(long Limit, long Energy)> offered,
        long[] more) =>
        wanted.SelectMany(static level => new[] { level.Limit, level.Limit + 1 })
            .Concat(offered.SelectMany(static level => new[] { level.Limit - 1, level.Limit }))
            .Concat(more)
            .Where(price => price >= low && price <= high)
            .Distinct()
            .Select(price => (
                price,
                wanted.Where(level => level.Limit >= price).Sum(static level => level.Energy),
                offered.Where(level => level.Limit <= price).Sum(static level => level.Energy)));

    private static List<(long Limit, long Energy)> Levels(List<NaiveOrder> orders) =>
        [.. orders.GroupBy(LimitOf).Select(static level => (level.Key, level.Sum(static order => order.Rest)))];

    /// <summary>Of the order that the last watt-hour of the volume comes from.</summary>
    private static long MarginalLimit(List<NaiveOrder> ranked, long volume)
    {
        var served = 0L;
        foreach (var order in ranked)
        {
            served += order.Rest;
            if (served >= volume)
            {
                return LimitOf(order);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(volume), volume, "The orders do not have it.");
    }

    private static bool Reaches(NaiveOrder order, long price) =>
        order.Order.Side == Side.Bid ? LimitOf(order) >= price : LimitOf(order) <= price;

    private static long LimitOf(NaiveOrder order) => order.Order.Limit.Value;
}
