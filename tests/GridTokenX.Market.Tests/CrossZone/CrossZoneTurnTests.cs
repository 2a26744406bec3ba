using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;
using GridTokenX.Market.Tests.Matching;
using static GridTokenX.Market.Tests.CrossZone.GeneratedZones;

namespace GridTokenX.Market.Tests.CrossZone;

/// <summary>Whose turn it is, and who is taken, where orders of several zones are equal.</summary>
public sealed class CrossZoneTurnTests
{
    private static readonly ZoneLink Free = new()
    {
        From = "hill",
        To = "bay",
        Wheeling = default,
        LossPpm = 0,
        Capacity = new(100_000),
    };

    [Theory]
    [InlineData(TradePoint.Arrival)]
    [InlineData(TradePoint.FeedIn)]
    public void Cycle_does_what_a_search_through_all_pairs_by_landed_cost_does(TradePoint point) =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var (zones, links) = Generate(new SplitMix((ulong)seed));
            CrossZoneCycle.Match(zones, links, point).Select(static match => new NaivePair(
                    match.BuyerZone, match.Bid, match.SellerZone, match.Ask, match.Sent.Value, match.Arriving.Value,
                    match.Value.Value, match.Wheeling.Value))
                .ShouldBe(new NaiveZones(zones, links, point).Match().Pairs);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Theory]
    [InlineData(TradePoint.Arrival)]
    [InlineData(TradePoint.FeedIn)]
    public void Nothing_affordable_is_left_but_rests_too_small_to_lose_a_whole_watt_hour(TradePoint point) =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var (zones, links) = Generate(new SplitMix((ulong)seed));
            var rests = AfterCycle(zones, links, point);
            foreach (var (most, link) in new NaiveZones(rests.Zones, rests.Links, point).LeftOver())
            {
                link.ShouldNotBeNull();
                link.WithoutRounding(new(most)).Value.ShouldBe(0);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Theory]
    [InlineData(1, "hill")]
    [InlineData(2, "bay")]
    public void Of_two_equal_bids_the_earlier_one_is_served_first_whatever_its_zone(long hill, string first)
    {
        var zones = new[]
        {
            Zone("bay", [Order(7, Side.Bid, 40, 100)], []) with { Arrivals = Arrived((7, 3 - hill)) },
            Zone("hill", [Order(8, Side.Bid, 40, 100)], [Order(1, Side.Ask, 40, 100)])
                with { Arrivals = Arrived((8, hill), (1, 0)) },
        };
        CrossZoneCycle.Match(zones, [Free]).ShouldHaveSingleItem().BuyerZone.ShouldBe(first);
    }

    [Theory]
    [InlineData(1, 2, "hill")]
    [InlineData(2, 1, "isle")]
    [InlineData(1, 1, "hill")]
    public void Of_two_asks_that_land_at_one_cost_the_earlier_one_is_taken_first(long hill, long isle, string first)
    {
        var zones = new[]
        {
            Zone("bay", [Order(1, Side.Bid, 40, 100)], []),
            Zone("hill", [], [Order(9, Side.Ask, 30, 100)]) with { Arrivals = Arrived((9, hill)) },
            Zone("isle", [], [Order(2, Side.Ask, 30, 100)]) with { Arrivals = Arrived((2, isle)) },
        };
        CrossZoneCycle.Match(zones, [Free, Free with { From = "isle" }]).ShouldHaveSingleItem().SellerZone
            .ShouldBe(first);
    }

    [Fact]
    public void Arrival_never_changes_the_order_within_a_zone()
    {
        // The book of the bay has given 2 its place after 1, so it waits for 1, and 1 comes after the hill's.
        var zones = new[]
        {
            Zone("bay", [Order(1, Side.Bid, 40, 100), Order(2, Side.Bid, 40, 100)], [])
                with { Arrivals = Arrived((1, 30), (2, 10)) },
            Zone("hill", [Order(1, Side.Bid, 40, 100)], [Order(3, Side.Ask, 40, 250)])
                with { Arrivals = Arrived((1, 20), (3, 0)) },
        };
        CrossZoneCycle.Match(zones, [Free])
            .Select(static match => (match.BuyerZone, match.Bid, match.Sent.Value))
            .ShouldBe([("hill", 1, 100), ("bay", 1, 100), ("bay", 2, 50)]);
    }

    private static Dictionary<long, Arrival> Arrived(params (long Order, long Tick)[] arrivals) =>
        arrivals.ToDictionary(
            static arrival => arrival.Order, static arrival => new Arrival(new MarketTime(arrival.Tick), 1));

    /// <summary>What is left of orders and links.</summary>
    private static (ZoneOrders[] Zones, ZoneLink[] Links) AfterCycle(
        ZoneOrders[] zones, ZoneLink[] links, TradePoint point)
    {
        var matches = CrossZoneCycle.Match(zones, links, point);
        var left = Array.ConvertAll(zones, zone => zone with
        {
            Bids = [.. zone.Bids.Select(bid => Left(bid, matches
                .Where(match => match.BuyerZone == zone.Zone && match.Bid == bid.Sequence)
                .Sum(match => point == TradePoint.FeedIn ? match.Sent.Value : match.Arriving.Value)))],
            Asks = [.. zone.Asks.Select(ask => Left(ask, matches
                .Where(match => match.SellerZone == zone.Zone && match.Ask == ask.Sequence)
                .Sum(static match => match.Sent.Value)))],
        });
        return (left, Array.ConvertAll(links, link => link with
        {
            Capacity = new(link.Capacity.Value - matches
                .Where(match => match.SellerZone == link.From && match.BuyerZone == link.To)
                .Sum(static match => match.Sent.Value)),
        }));
    }

    private static BookedOrder Left(BookedOrder order, long filled) =>
        order with { Rest = new(order.Rest.Value - filled) };
}
