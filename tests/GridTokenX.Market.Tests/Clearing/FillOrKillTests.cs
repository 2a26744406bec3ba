using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Clearing;

/// <summary>All or nothing where many orders are matched at once.</summary>
public sealed class FillOrKillTests
{
    private static readonly Config Thousands = Config.QuickThrowOnFailure.WithMaxTest(4_000).WithEndSize(14);

    [Fact]
    public void Order_that_cannot_have_all_in_an_auction_gets_nothing_and_moves_no_price()
    {
        var held = Auction(Ask(1, 10, 5), Kill(Bid(2, 20, 8)), Bid(3, 16, 3)).ShouldNotBeNull();
        held.Price.ShouldBe(new AuctionPrice(new PricePerKwh(13), new WattHours(3), new WattHours(-2)));
        held.Matches.ShouldBe([new AuctionMatch(3, 1, new WattHours(3))]);
    }

    [Fact]
    public void Order_that_can_has_all() => Auction(Ask(1, 10, 5), Ask(2, 11, 5), Kill(Bid(3, 20, 8)))!.Matches
        .ShouldBe([new AuctionMatch(3, 1, new WattHours(5)), new AuctionMatch(3, 2, new WattHours(3))]);

    [Fact]
    public void Of_two_that_do_not_both_fit_the_later_one_leaves() =>
        Auction(Ask(1, 10, 10), Kill(Bid(2, 20, 6)), Kill(Bid(3, 20, 6)))!.Matches
            .ShouldBe([new AuctionMatch(2, 1, new WattHours(6))]);

    [Fact]
    public void One_that_leaves_takes_the_energy_away_that_another_one_counted_on() =>
        Auction(Kill(Ask(1, 10, 9)), Kill(Bid(2, 20, 6))).ShouldBeNull();

    [Fact]
    public void Whoever_trades_in_an_auction_trades_within_the_price_and_whole_where_he_asks_for_it() =>
        Prop.ForAll(Books, static orders =>
        {
            if (Auction(orders) is not { } held)
            {
                return;
            }

            var got = Energies(held);
            foreach (var order in orders)
            {
                var energy = got.GetValueOrDefault(order.Sequence);
                energy.ShouldBeLessThanOrEqualTo(order.Rest);
                if (order.TimeInForce == TimeInForce.FillOrKill)
                {
                    energy.ShouldBeOneOf(WattHours.Zero, order.Rest);
                }

                if (energy > WattHours.Zero)
                {
                    (order.Side == Side.Bid ? order.Limit >= held.Price.Price : order.Limit <= held.Price.Price)
                        .ShouldBeTrue();
                }
            }
        }).Check(Thousands);

    [Fact]
    public void Auction_in_which_all_of_them_are_filled_is_the_one_without_conditions() =>
        Prop.ForAll(Books, static orders =>
        {
            var plain = orders.Select(static order => order with { TimeInForce = TimeInForce.GoodTillCancelled });
            if (Auction([.. plain]) is { } held
                && orders.All(order => order.TimeInForce != TimeInForce.FillOrKill
                    || Energies(held).GetValueOrDefault(order.Sequence) == order.Rest))
            {
                var conditional = Auction(orders).ShouldNotBeNull();
                conditional.Price.ShouldBe(held.Price);
                conditional.Matches.ShouldBe(held.Matches);
            }
        }).Check(Thousands);

    [Fact]
    public void Those_who_fall_short_one_after_the_other_without_end_all_leave()
    {
        var rounds = new KillRounds<int>(Enumerable.Range(0, 1_000).Reverse());
        var played = 0;
        while (Enumerable.Range(0, 1_000).Where(rounds.Keeps).Take(1).ToHashSet() is var next && rounds.Kill(next))
        {
            played++;
        }

        played.ShouldBe(65);
        Enumerable.Range(0, 1_000).ShouldAllBe(order => !rounds.Keeps(order));
    }

    [Fact]
    public void Order_over_several_zones_has_all_or_leaves_the_link_to_others()
    {
        var link = new ZoneLink { From = "hill", To = "bay", Wheeling = default, LossPpm = 0, Capacity = new(100) };
        IReadOnlyList<CrossZoneMatch> Match(long wanted) => CrossZoneCycle.Match(
            [
                new ZoneOrders("bay", [Kill(Bid(1, 50, wanted)), Bid(2, 40, 30)], [Ask(3, 20, 50)]),
                new ZoneOrders("hill", [], [Ask(11, 10, 500)]),
            ],
            [link],
            TradePoint.FeedIn);

        Match(wanted: 150).Select(static match => (match.Bid, match.SellerZone, match.Sent.Value))
            .ShouldBe([(1, "hill", 100), (1, "bay", 50)]);
        Match(wanted: 151).Select(static match => (match.Bid, match.SellerZone, match.Sent.Value))
            .ShouldBe([(2, "hill", 30)]);
    }

    private static Dictionary<long, WattHours> Energies(AuctionResult held) => held.Matches
        .SelectMany(static match => new[] { (Order: match.Bid, match.Energy), (Order: match.Ask, match.Energy) })
        .GroupBy(static share => share.Order)
        .ToDictionary(
            static order => order.Key,
            static order => order.Aggregate(WattHours.Zero, static (sum, share) => sum + share.Energy));

    private static AuctionResult? Auction(params BookedOrder[] orders) => CallAuction.Hold(
        [.. orders.Where(static order => order.Side == Side.Bid).OrderByDescending(static order => order.Limit.Value)],
        [.. orders.Where(static order => order.Side == Side.Ask).OrderBy(static order => order.Limit.Value)],
        Rationing.Time);

    private static BookedOrder Kill(BookedOrder order) => order with { TimeInForce = TimeInForce.FillOrKill };

    private static BookedOrder Bid(long sequence, long price, long energy) => An(sequence, Side.Bid, price, energy);

    private static BookedOrder Ask(long sequence, long price, long energy) => An(sequence, Side.Ask, price, energy);

    private static BookedOrder An(long sequence, Side side, long price, long energy) => new(
        sequence, sequence, side, new PricePerKwh(price), new WattHours(energy), new WattHours(energy),
        MarketTime.Never);

    /// <summary>Few prices and owners; every third order is all or nothing.</summary>
    private static Arbitrary<BookedOrder[]> Books
    {
        get
        {
            var order =
                from side in Gen.Elements(Side.Bid, Side.Ask)
                from price in Gen.Choose(1, 9)
                from energy in Gen.Choose(1, 9)
                from owner in Gen.Choose(1, 5)
                from force in Gen.Elements(
                    TimeInForce.GoodTillCancelled, TimeInForce.ImmediateOrCancel, TimeInForce.FillOrKill)
                select An(0, side, price, energy) with { Owner = owner, TimeInForce = force };
            return Arb.From(order.ArrayOf().Select(static orders =>
                orders.Select(static (each, i) => each with { Sequence = i + 1 }).ToArray()));
        }
    }
}
