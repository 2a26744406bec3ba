using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Clearing;

/// <summary>Who is served at the margin, where not all can be.</summary>
public enum Rationing
{
    None = 0,

    /// <summary>The earlier order first.</summary>
    Time,

    /// <summary>
    /// All orders at the marginal limit by their energy, each share rounded down; the watt-hours left over go one by
    /// one to the earliest orders whose shares were.
    /// </summary>
    ProRata,
}

/// <summary>A bid and an ask that trade at the auction's price.</summary>
public readonly record struct AuctionMatch(long Bid, long Ask, WattHours Energy);

public sealed record AuctionResult(AuctionPrice Price, IReadOnlyList<AuctionMatch> Matches);

/// <summary>
/// A call auction: everything that may trade does so at one price. Better limits go before the margin whoever they
/// belong to. Since all trade at one price it makes no difference to anybody with whom, so owners are paired apart
/// from themselves; only what one owner both buys and sells beyond all others' energy stays untraded.
/// </summary>
public static class CallAuction
{
    /// <summary>
    /// Null when nothing crosses. A fill-or-kill order that the price reaches and that would not get all of its energy
    /// takes no part: price and matches are those of an auction without it (<see cref="KillRounds{TOrder}"/>).
    /// </summary>
    public static AuctionResult? Hold(
        IReadOnlyList<BookedOrder> bids, IReadOnlyList<BookedOrder> asks, Rationing rationing)
    {
        var rounds = new KillRounds<long>(bids.Concat(asks)
            .Where(static order => order.TimeInForce == TimeInForce.FillOrKill)
            .Select(static order => order.Sequence)
            .OrderDescending());
        while (true)
        {
            var (ours, theirs) = (Kept(bids, rounds), Kept(asks, rounds));
            if (UniformPrice.Of(Depth(ours), Depth(theirs)) is not { } price)
            {
                return null;
            }

            var matches = Match(ours, theirs, price, rationing);
            if (!rounds.Kill(Short(ours, theirs, price, matches)))
            {
                return new AuctionResult(price, matches);
            }
        }
    }

    /// <summary>Bids and asks as a book lists them: best price first, then by sequence.</summary>
    public static IReadOnlyList<AuctionMatch> Match(
        IReadOnlyList<BookedOrder> bids, IReadOnlyList<BookedOrder> asks, AuctionPrice price, Rationing rationing) =>
        AuctionPairing.Pair(
            Served([.. bids.TakeWhile(bid => bid.Limit >= price.Price)], price.Volume, rationing),
            Served([.. asks.TakeWhile(ask => ask.Limit <= price.Price)], price.Volume, rationing));

    private static IReadOnlyList<BookedOrder> Kept(IReadOnlyList<BookedOrder> orders, KillRounds<long> rounds) =>
        rounds.HasKilled ? [.. orders.Where(order => rounds.Keeps(order.Sequence))] : orders;

    private static List<DepthLevel> Depth(IReadOnlyList<BookedOrder> orders)
    {
        List<DepthLevel> levels = [];
        foreach (var order in orders)
        {
            if (levels.Count > 0 && levels[^1].Price == order.Limit)
            {
                levels[^1] = levels[^1] with
                {
                    Energy = levels[^1].Energy + order.Rest,
                    Orders = levels[^1].Orders + 1,
                };
            }
            else
            {
                levels.Add(new DepthLevel(order.Limit, order.Rest, 1));
            }
        }

        return levels;
    }

    /// <summary>Fill-or-kill orders within the price that do not get all.</summary>
    private static HashSet<long> Short(
        IReadOnlyList<BookedOrder> bids,
        IReadOnlyList<BookedOrder> asks,
        AuctionPrice price,
        IReadOnlyList<AuctionMatch> matches)
    {
        var wanting = bids.TakeWhile(bid => bid.Limit >= price.Price)
            .Concat(asks.TakeWhile(ask => ask.Limit <= price.Price))
            .Where(static order => order.TimeInForce == TimeInForce.FillOrKill)
            .ToDictionary(static order => order.Sequence, static order => order.Rest);
        if (wanting.Count > 0)
        {
            foreach (var match in matches)
            {
                Fill(wanting, match.Bid, match.Energy);
                Fill(wanting, match.Ask, match.Energy);
            }
        }

        return [.. wanting.Where(static order => order.Value > WattHours.Zero).Select(static order => order.Key)];
    }

    private static void Fill(Dictionary<long, WattHours> wanting, long order, WattHours energy)
    {
        if (wanting.TryGetValue(order, out var rest))
        {
            wanting[order] = rest - energy;
        }
    }

    /// <summary>How much each order gets; together the volume.</summary>
    private static List<Share> Served(IReadOnlyList<BookedOrder> eligible, WattHours volume, Rationing rationing)
    {
        List<Share> served = [];
        foreach (var level in eligible.GroupBy(static order => order.Limit))
        {
            var orders = level.ToArray();
            var offered = orders.Aggregate(WattHours.Zero, static (sum, order) => sum + order.Rest);
            var energy = WattHours.Min(offered, volume);
            volume -= energy;
            served.AddRange(energy == offered || rationing == Rationing.Time
                ? ByTime(orders, energy)
                : ProRata(orders, energy, offered));
            if (volume == WattHours.Zero)
            {
                break;
            }
        }

        served.RemoveAll(static share => share.Energy == WattHours.Zero);
        return served;
    }

    private static IEnumerable<Share> ByTime(BookedOrder[] orders, WattHours energy)
    {
        foreach (var order in orders)
        {
            var part = WattHours.Min(order.Rest, energy);
            energy -= part;
            yield return new Share(order.Sequence, order.Owner, part);
        }
    }

    private static IEnumerable<Share> ProRata(BookedOrder[] orders, WattHours energy, WattHours offered)
    {
        // Each share loses less than one watt-hour to rounding, so fewer are left than there are shares that lost.
        var exact = Array.ConvertAll(orders, order =>
            Int128.DivRem((Int128)energy.Value * order.Rest.Value, offered.Value));
        var left = energy.Value - exact.Sum(static share => (long)share.Quotient);
        for (var i = 0; i < orders.Length; i++)
        {
            var extra = left > 0 && exact[i].Remainder > 0 ? 1 : 0;
            left -= extra;
            var part = new WattHours((long)exact[i].Quotient + extra);
            yield return new Share(orders[i].Sequence, orders[i].Owner, part);
        }
    }
}
