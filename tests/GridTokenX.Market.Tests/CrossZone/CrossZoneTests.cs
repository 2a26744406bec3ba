using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;
using GridTokenX.Market.Tests.Matching;
using GridTokenX.Protocol.Units;
using static GridTokenX.Market.Tests.CrossZone.GeneratedZones;

namespace GridTokenX.Market.Tests.CrossZone;

public sealed class CrossZoneTests
{
    private static readonly ZoneLink HillToBay = new()
    {
        From = "hill",
        To = "bay",
        Wheeling = new(500),
        LossPpm = 50_000,
        Capacity = new(10_000),
    };

    [Fact]
    public void Landed_cost_is_the_ask_with_its_loss_and_the_wheeling_charge_rounded_up() =>
        HillToBay.LandedCost(new PricePerKwh(4_000)).Value.ShouldBe(4_711); // 4000 / 0.95 = 4210.5…

    [Fact]
    public void Bid_takes_what_lands_cheapest()
    {
        var matches = Match(
            [HillToBay],
            Zone("bay", [Order(1, Side.Bid, 6_000, 1_000)], [Order(2, Side.Ask, 5_000, 600)]),
            Zone("hill", [], [Order(1, Side.Ask, 4_000, 400), Order(2, Side.Ask, 4_500, 5_000)]));
        matches.Select(static match => (match.SellerZone, match.Ask, match.Sent.Value, match.Arriving.Value))
            .ShouldBe([("hill", 1, 400, 380), ("bay", 2, 600, 600), ("hill", 2, 22, 20)]);
        matches.Sum(static match => match.Lost.Value).ShouldBe(22);
    }

    [Fact]
    public void Own_zone_goes_first_at_equal_cost()
    {
        var free = HillToBay with { Wheeling = default, LossPpm = 0 };
        Match(
            [free],
            Zone("bay", [Order(1, Side.Bid, 40, 100)], [Order(2, Side.Ask, 40, 100)]),
            Zone("hill", [], [Order(1, Side.Ask, 40, 100)])).ShouldHaveSingleItem().SellerZone.ShouldBe("bay");
    }

    [Fact]
    public void Link_carries_no_more_than_its_capacity() => Match(
        [HillToBay with { Capacity = new(700) }],
        Zone("bay", [Order(1, Side.Bid, 9_000, 500), Order(2, Side.Bid, 9_000, 500)], []),
        Zone("hill", [], [Order(1, Side.Ask, 4_000, 2_000)])).Sum(static match => match.Sent.Value).ShouldBe(700);

    [Fact]
    public void Nothing_comes_over_a_link_the_other_way() => Match(
        [HillToBay],
        Zone("bay", [], [Order(1, Side.Ask, 4_000, 2_000)]),
        Zone("hill", [Order(1, Side.Bid, 9_000, 500)], [])).ShouldBeEmpty();

    [Fact]
    public void Owner_does_not_buy_from_himself_in_another_zone() => Match(
        [HillToBay],
        Zone("bay", [Order(1, Side.Bid, 9_000, 500) with { Owner = 7 }], []),
        Zone("hill", [], [Order(1, Side.Ask, 4_000, 2_000) with { Owner = 7 }])).ShouldBeEmpty();

    [Fact]
    public void Bid_at_exactly_the_landed_cost_trades_without_rounding()
    {
        // 950 000 / 0.95 = 1 000 000. For 1 003 Wh to arrive 1 056 would be sent, and cost 200 µGRX too much.
        var match = Match(
            [HillToBay with { Wheeling = default }],
            Zone("bay", [Order(1, Side.Bid, 1_000_000, 1_003)], []),
            Zone("hill", [], [Order(1, Side.Ask, 950_000, 5_000)]))[0];
        (match.Sent.Value, match.Arriving.Value).ShouldBe((1_040, 988));
        match.Refund.ShouldBe(MicroGrx.Zero);
    }

    [Fact]
    public void Impossible_link_is_refused() =>
        Should.Throw<ArgumentException>(() => Match([HillToBay with { LossPpm = 500_001 }]));

    [Fact]
    public void Whatever_the_zones_limits_capacity_energy_and_money_hold() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), static seed =>
        {
            var (zones, links) = Generate(new SplitMix((ulong)seed));
            var matches = CrossZoneCycle.Match(zones, links);
            foreach (var match in matches)
            {
                var bid = zones.Single(zone => zone.Zone == match.BuyerZone).Bids.Single(o => o.Sequence == match.Bid);
                var ask = zones.Single(zone => zone.Zone == match.SellerZone).Asks.Single(o => o.Sequence == match.Ask);
                bid.Owner.ShouldNotBe(ask.Owner);
                match.Price.ShouldBe(ask.Limit);
                match.Total.ShouldBeLessThanOrEqualTo(match.BuyerShare);
                (match.Value + match.Wheeling + match.Refund).ShouldBe(match.BuyerShare);
                (match.Arriving + match.Lost).ShouldBe(match.Sent);
                match.Lost.Value.ShouldBeGreaterThanOrEqualTo(0);
            }

            WithinCapacity(links, matches);
            foreach (var zone in zones)
            {
                zone.Bids.Where(bid => bid.Rest.Value < matches
                    .Where(match => match.BuyerZone == zone.Zone && match.Bid == bid.Sequence)
                    .Sum(static match => match.Arriving.Value)).ShouldBeEmpty();
                zone.Asks.Where(ask => ask.Rest.Value < matches
                    .Where(match => match.SellerZone == zone.Zone && match.Ask == ask.Sequence)
                    .Sum(static match => match.Sent.Value)).ShouldBeEmpty();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Fed_in_elsewhere_both_sides_are_filled_by_the_energy_sent_within_the_limit_of_what_arrives() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), static seed =>
        {
            var (zones, links) = Generate(new SplitMix((ulong)seed));
            var books = zones.ToDictionary(static zone => zone.Zone, Book);
            var matches = CrossZoneCycle.Match(zones, links, TradePoint.FeedIn);
            WithinCapacity(links, matches);
            foreach (var match in matches)
            {
                books[match.BuyerZone].MatchAcross(match.Bid, match.Sent).ShouldBe(RejectReason.None);
                books[match.SellerZone].MatchAcross(match.Ask, match.Sent).ShouldBe(RejectReason.None);
                var bid = zones.Single(zone => zone.Zone == match.BuyerZone).Bids.Single(o => o.Sequence == match.Bid);
                match.Total.ShouldBeLessThanOrEqualTo(bid.Limit.ValueOf(match.Arriving));
                match.Wheeling.ShouldBeLessThanOrEqualTo(match.BuyerShare - match.Value);
                match.Value.ShouldBe(match.Price.ValueOf(match.Sent));
                match.Arriving.Value.ShouldBeGreaterThan(0);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Fed_in_elsewhere_or_not_a_zone_of_its_own_matches_alike() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), static seed =>
        {
            var (zones, _) = Generate(new SplitMix((ulong)seed));
            CrossZoneCycle.Match(zones, [], TradePoint.FeedIn).ShouldBe(CrossZoneCycle.Match(zones, []));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void There_is_no_third_point_of_trade() => Should.Throw<ArgumentOutOfRangeException>(
        static () => CrossZoneCycle.Match([], [], TradePoint.None));

    [Fact]
    public void Each_side_of_a_match_fits_the_book_of_its_zone() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), static seed =>
        {
            var (zones, links) = Generate(new SplitMix((ulong)seed));
            var books = zones.ToDictionary(static zone => zone.Zone, Book);
            foreach (var match in CrossZoneCycle.Match(zones, links))
            {
                books[match.BuyerZone].MatchAcross(match.Bid, match.Arriving).ShouldBe(RejectReason.None);
                books[match.SellerZone].MatchAcross(match.Ask, match.Sent).ShouldBe(RejectReason.None);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Without_links_each_zone_matches_as_its_own_cycle_does() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), static seed =>
        {
            var (zones, _) = Generate(new SplitMix((ulong)seed));
            var zone = zones[0];
            var book = Book(zone);
            book.Match();
            Match([], zone).Select(static match => (match.Bid, match.Ask, match.Sent, match.Value, match.BuyerShare))
                .ShouldBe(book.Listener.Matches.Select(static match =>
                    (match.Bid, match.Ask, match.Energy, match.Value, match.BuyerShare)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static void WithinCapacity(ZoneLink[] links, IReadOnlyList<CrossZoneMatch> matches)
    {
        foreach (var link in links)
        {
            matches.Where(match => match.SellerZone == link.From && match.BuyerZone == link.To)
                .Sum(static match => match.Sent.Value).ShouldBeLessThanOrEqualTo(link.Capacity.Value);
        }
    }

    private static OrderBook<EventRecorder> Book(ZoneOrders zone)
    {
        var rules = new BookRules { Mode = MatchingMode.Gathering };
        var book = new OrderBook<EventRecorder>(rules, new EventRecorder());
        foreach (var order in zone.Bids.Concat(zone.Asks).OrderBy(static order => order.Sequence))
        {
            _ = book.Restore(new NewOrder
            {
                Sequence = order.Sequence,
                Owner = order.Owner,
                Side = order.Side,
                Limit = order.Limit,
                Energy = order.Energy,
                ExpiresAt = order.ExpiresAt,
                TimeInForce = TimeInForce.GoodTillCancelled,
            });
        }

        return book;
    }

    private static IReadOnlyList<CrossZoneMatch> Match(ZoneLink[] links, params ZoneOrders[] zones) =>
        CrossZoneCycle.Match(zones, links);
}
