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

/// <summary>
/// A call auction: everything that may trade does so at one price. Better limits go before the margin whoever they
/// belong to. Since all trade at one price it makes no difference to anybody with whom, so owners are paired apart
/// from themselves; only what one owner both buys and sells beyond all others' energy stays untraded.
/// </summary>
public static class CallAuction
{
    /// <summary>Bids and asks as a book lists them: best price first, then by sequence.</summary>
    public static IReadOnlyList<AuctionMatch> Match(
        IReadOnlyList<BookedOrder> bids, IReadOnlyList<BookedOrder> asks, AuctionPrice price, Rationing rationing) =>
        AuctionPairing.Pair(
            Served([.. bids.TakeWhile(bid => bid.Limit >= price.Price)], price.Volume, rationing),
            Served([.. asks.TakeWhile(ask => ask.Limit <= price.Price)], price.Volume, rationing));

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
