using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;
using GridTokenX.Market.Tests.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.CrossZone;

/// <summary>Three zones with few orders, prices and owners, and links between some of them.</summary>
internal static class GeneratedZones
{
    internal static (ZoneOrders[] Zones, ZoneLink[] Links) Generate(SplitMix random)
    {
        string[] names = ["bay", "hill", "isle"];
        var zones = Array.ConvertAll(names, name =>
        {
            var orders = Enumerable.Range(1, random.Below(16)).Select(sequence => Drawn(random, sequence)).ToList();
            var zone = Zone(name, orders.FindAll(o => o.Side == Side.Bid), orders.FindAll(o => o.Side == Side.Ask));
            return zone with { Arrivals = Arrivals(random, orders) };
        });
        var links =
            from sender in names
            from receiver in names
            where sender != receiver && random.Below(3) > 0
            select new ZoneLink
            {
                From = sender,
                To = receiver,
                Wheeling = new PricePerKwh(random.Below(4) * 111),
                LossPpm = random.Below(5) * 12_500,
                Capacity = new WattHours(random.Below(4) * 1_501),
            };
        return (zones, [.. links]);
    }

    internal static ZoneOrders Zone(string name, List<BookedOrder> bids, List<BookedOrder> asks) => new(
        name,
        [.. bids.OrderByDescending(static bid => bid.Limit).ThenBy(static bid => bid.Sequence)],
        [.. asks.OrderBy(static ask => ask.Limit).ThenBy(static ask => ask.Sequence)]);

    internal static BookedOrder Order(long sequence, Side side, long limit, long energy) =>
        new(sequence, (sequence * 2) + (long)side, side, new(limit), new(energy), new(energy), MarketTime.Never);

    private static BookedOrder Drawn(SplitMix random, int sequence)
    {
        var side = random.Below(2) == 0 ? Side.Bid : Side.Ask;
        var order = Order(sequence, side, 3_000 + (random.Below(9) * 251), 1 + random.Below(3_000));
        return order with { Owner = random.Below(8) };
    }

    /// <summary>In the order of the zone; often at one instant with others, here and in other zones.</summary>
    private static Dictionary<long, Arrival> Arrivals(SplitMix random, List<BookedOrder> orders)
    {
        var arrival = new Arrival(new MarketTime(1), 1);
        Dictionary<long, Arrival> arrivals = [];
        foreach (var order in orders)
        {
            arrival = random.Below(2) == 0
                ? arrival with { Number = arrival.Number + random.Below(2) }
                : new Arrival(new MarketTime(arrival.At.UtcTicks + 1 + random.Below(2)), 1 + random.Below(3));
            arrivals.Add(order.Sequence, arrival);
        }

        return arrivals;
    }
}
