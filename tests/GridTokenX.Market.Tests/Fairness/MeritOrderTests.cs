using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Fairness;
using GridTokenX.Market.Matching;
using GridTokenX.Market.Tests.Matching;

namespace GridTokenX.Market.Tests.Fairness;

public sealed class MeritOrderTests
{
    [Fact]
    public void Largest_volume_may_be_more_than_that_of_the_largest_welfare()
    {
        var most = MeritOrder.Maximum(
            [Offer(1_000, 10), Offer(1_000, 6)],
            [Offer(1_000, 5), Offer(1_000, 8)]);
        most.Welfare.Value.ShouldBe(5);
        most.Volume.Value.ShouldBe(2_000);
    }

    [Fact]
    public void Orders_that_do_not_cross_allow_nothing() =>
        MeritOrder.Maximum([Offer(1_000, 4)], [Offer(1_000, 5)]).ShouldBe(default);

    [Fact]
    public void Without_orders_nothing_is_possible() => MeritOrder.Maximum([], []).ShouldBe(default);

    [Fact]
    public void Small_books_agree_with_a_search_through_every_matching() =>
        Prop.ForAll(SmallBooks, static book =>
        {
            var (bids, asks) = book;
            var most = MeritOrder.Maximum(Units(bids), Units(asks));
            var (welfare, volume) = Search(bids, asks, 0, 0);
            most.Welfare.Value.ShouldBe(welfare);
            most.Volume.Value.ShouldBe(volume * 1_000);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_book_beats_its_merit_order() => Prop.ForAll(NaiveTwinTests.Runs, static run =>
    {
        var events = new EventRecorder();
        var book = new OrderBook<EventRecorder>(new BookRules { Mode = MatchingMode.Gathering }, events);
        foreach (var operation in new GeneratedOperations((ulong)run.Seed).Take(run.Length / 10))
        {
            if (operation.Kind == OperationKind.Restore)
            {
                _ = operation.ApplyTo(book);
            }
            else if (operation.Kind == OperationKind.Place)
            {
                _ = book.Restore(operation.Order with { TimeInForce = TimeInForce.GoodTillCancelled, Target = 0 });
            }
        }

        var most = MeritOrder.Maximum(Offers(book, Side.Bid), Offers(book, Side.Ask));
        book.Match();
        var reached = MeritOrder.Of(events.Matches.Select(static match =>
            new EpochTrade(match.Energy, match.Price, match.BidLimit, match.AskLimit)));
        reached.Welfare.ShouldBeLessThanOrEqualTo(most.Welfare);
        reached.Volume.ShouldBeLessThanOrEqualTo(most.Volume);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ratio_has_six_places_and_is_one_only_for_all_of_it()
    {
        Ratio.Of(2, 3).ShouldBe(0.666666m);
        Ratio.Of(9_999_999, 10_000_000).ShouldBe(0.999999m);
        Ratio.Of(7, 7).ShouldBe(1m);
        Ratio.Of(0, 0).ShouldBeNull();
    }

    private static Arbitrary<(int[] Bids, int[] Asks)> SmallBooks { get; } =
        (from bids in Gen.Choose(0, 4).SelectMany(static n => Gen.Choose(1, 9).ArrayOf(n))
         from asks in Gen.Choose(0, 4).SelectMany(static n => Gen.Choose(1, 9).ArrayOf(n))
         select (bids, asks)).ToArbitrary();

    /// <summary>
    /// Every way to pair bids of 1 kWh with asks of 1 kWh: bid by bid, with each free ask or with none.
    /// </summary>
    private static (long Welfare, long Volume) Search(int[] bids, int[] asks, int bid, int taken)
    {
        if (bid == bids.Length)
        {
            return (0, 0);
        }

        var (welfare, volume) = Search(bids, asks, bid + 1, taken);
        for (var ask = 0; ask < asks.Length; ask++)
        {
            if ((taken & (1 << ask)) == 0 && bids[bid] >= asks[ask])
            {
                var rest = Search(bids, asks, bid + 1, taken | (1 << ask));
                welfare = Math.Max(welfare, rest.Welfare + bids[bid] - asks[ask]);
                volume = Math.Max(volume, rest.Volume + 1);
            }
        }

        return (welfare, volume);
    }

    private static Offer[] Units(int[] prices) => Array.ConvertAll(prices, static price => Offer(1_000, price));

    private static Offer[] Offers(OrderBook<EventRecorder> book, Side side) =>
        [.. book.Orders(side).Select(static order => new Offer(order.Rest, order.Limit))];

    private static Offer Offer(long energy, long price) => new(new(energy), new(price));
}
