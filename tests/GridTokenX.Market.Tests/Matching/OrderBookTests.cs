using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

public sealed class OrderBookTests
{
    private readonly EventRecorder _events = new();
    private long _sequence;

    [Fact]
    public void Order_expires_at_its_instant_and_not_before()
    {
        var book = Book();
        _ = book.Place(Ask(40, 100) with { ExpiresAt = Noon(30) });
        _ = book.Place(Bid(30, 100) with { ExpiresAt = Noon(30) });
        _ = book.Place(Bid(31, 100) with { ExpiresAt = Noon(29) });
        book.AdvanceTo(new MarketTime(Noon(29).UtcTicks - 1));
        Happened("Expired").ShouldBeEmpty();
        book.AdvanceTo(Noon(30));
        Happened("Expired").ShouldBe([3, 1, 2]);
        book.Count.ShouldBe(0);
    }

    [Fact]
    public void Order_that_has_expired_already_is_refused()
    {
        var book = Book();
        book.AdvanceTo(Noon(0));
        book.Place(Ask(40, 100) with { ExpiresAt = Noon(0) }).ShouldBe(RejectReason.AlreadyExpired);
    }

    [Fact]
    public void Time_never_goes_back()
    {
        var book = Book();
        book.AdvanceTo(Noon(10));
        book.AdvanceTo(Noon(5));
        book.Now.ShouldBe(Noon(10));
    }

    [Fact]
    public void Price_is_the_sellers_or_the_resting_orders_as_the_rules_say()
    {
        foreach (var (rule, price) in new[] { (TradePrice.Ask, 40), (TradePrice.Resting, 50) })
        {
            _events.Events.Clear();
            var book = Book(new BookRules { Price = rule });
            _ = book.Place(Bid(50, 100));
            _ = book.Place(Ask(40, 100));
            _events.Matches.ShouldHaveSingleItem().Price.Value.ShouldBe(price);
        }
    }

    [Fact]
    public void Immediate_order_takes_what_it_can_and_leaves()
    {
        var book = Book();
        _ = book.Place(Ask(40, 100));
        _ = book.Place(Bid(40, 300) with { TimeInForce = TimeInForce.ImmediateOrCancel });
        _events.Events[^1].ShouldBe(new BookEvent("Cancelled", 2, 200, nameof(CancelReason.Immediate)));
        book.Count.ShouldBe(0);
    }

    [Fact]
    public void Fill_or_kill_takes_all_or_nothing()
    {
        var book = Book();
        _ = book.Place(Ask(40, 100));
        _ = book.Place(Ask(41, 100));
        _ = book.Place(Bid(41, 201) with { TimeInForce = TimeInForce.FillOrKill });
        _events.Events[^1].ShouldBe(new BookEvent("Cancelled", 3, 201, nameof(CancelReason.Killed)));
        _ = book.Place(Bid(41, 200) with { TimeInForce = TimeInForce.FillOrKill });
        _events.Matches.Select(static match => match.Energy.Value).ShouldBe([100, 100]);
    }

    [Fact]
    public void Reduced_order_keeps_its_turn()
    {
        var book = Book();
        _ = book.Place(Ask(40, 300));
        _ = book.Place(Ask(40, 300));
        book.Reduce(1, new WattHours(200)).ShouldBe(RejectReason.None);
        book.Reduce(1, new WattHours(100)).ShouldBe(RejectReason.EnergyOutOfBounds);
        _ = book.Place(Bid(40, 150));
        _events.Matches.Select(static match => (match.Ask, match.Energy.Value)).ShouldBe([(1, 100), (2, 50)]);
    }

    [Theory]
    [InlineData(SelfTradePrevention.PassOver, "Matched")]
    [InlineData(SelfTradePrevention.CancelResting, "Cancelled 1, Matched")]
    [InlineData(SelfTradePrevention.CancelIncoming, "Cancelled 3")]
    [InlineData(SelfTradePrevention.CancelBoth, "Cancelled 1, Cancelled 3")]
    public void Own_order_in_the_way_is_dealt_with_as_the_rules_say(SelfTradePrevention rule, string expected)
    {
        var book = Book(new BookRules { SelfTrade = rule });
        _ = book.Place(Ask(40, 100) with { Owner = 7 });
        _ = book.Place(Ask(41, 100));
        _events.Events.Clear();
        _ = book.Place(Bid(41, 100) with { Owner = 7 });
        string.Join(", ", _events.Events.Skip(1).Select(static entry =>
            entry.Name == "Matched" ? "Matched" : $"{entry.Name} {entry.Order}")).ShouldBe(expected);
    }

    [Fact]
    public void Exact_quantities_match_only_each_other()
    {
        var book = Book(new BookRules { ExactQuantity = true });
        _ = book.Place(Ask(40, 300));
        _ = book.Place(Ask(41, 200));
        _ = book.Place(Bid(41, 200));
        _events.Matches.ShouldHaveSingleItem().Ask.ShouldBe(2);
        _ = book.Place(Bid(41, 250));
        book.Reduce(1, new WattHours(50)).ShouldBe(RejectReason.None);
        _events.Matches.Last().Bid.ShouldBe(4);
    }

    [Fact]
    public void Direct_purchase_takes_the_order_it_names_at_once()
    {
        var book = Book();
        _ = book.Place(Ask(40, 100));
        _ = book.Place(Ask(42, 100));
        _ = book.Place(Bid(42, 150) with { Target = 2 });
        _events.Matches.ShouldHaveSingleItem().Ask.ShouldBe(2);
        _events.Events[^1].ShouldBe(new BookEvent("Cancelled", 3, 50, nameof(CancelReason.Immediate)));
        book.Place(Bid(42, 150) with { Target = 2 }).ShouldBe(RejectReason.UnknownOrder);
    }

    [Fact]
    public void Bid_below_the_dynamic_price_waits_until_it_falls()
    {
        var book = Book();
        book.SetDynamicPrice(new PricePerKwh(50));
        _ = book.Place(Ask(40, 100));
        _ = book.Place(Bid(45, 100));
        _events.Matches.ShouldBeEmpty();
        book.SetDynamicPrice(new PricePerKwh(45));
        _events.Matches.ShouldHaveSingleItem().Price.Value.ShouldBe(40);
    }

    [Fact]
    public void Orders_that_gather_match_in_the_cycle_and_not_before()
    {
        var book = Book(new BookRules { Mode = MatchingMode.Gathering });
        _ = book.Place(Bid(40, 100));
        _ = book.Place(Ask(40, 100));
        _ = book.Place(Bid(41, 100));
        _events.Matches.ShouldBeEmpty();
        book.Match();
        _events.Matches.ShouldHaveSingleItem().Bid.ShouldBe(3);
    }

    [Fact]
    public void Order_that_may_not_rest_ends_the_gathering()
    {
        var book = Book(new BookRules { Mode = MatchingMode.Gathering });
        _ = book.Place(Ask(40, 100));
        _ = book.Place(Bid(40, 100));
        _ = book.Place(Bid(50, 100) with { TimeInForce = TimeInForce.ImmediateOrCancel });
        _events.Matches.ShouldHaveSingleItem().Bid.ShouldBe(2);
    }

    [Fact]
    public void Full_book_takes_no_more()
    {
        var book = Book(new BookRules { MaxOrders = 1, ExpectedOrders = 1 });
        _ = book.Place(Ask(40, 100));
        book.Place(Ask(40, 100)).ShouldBe(RejectReason.BookFull);
        _ = book.Cancel(1);
        book.Place(Ask(40, 100)).ShouldBe(RejectReason.None);
    }

    [Fact]
    public void Sequence_that_was_accepted_is_not_accepted_again()
    {
        var book = Book();
        var ask = Ask(40, 100);
        _ = book.Place(ask);
        book.Place(ask).ShouldBe(RejectReason.SequenceNotAscending);
        _ = book.Cancel(1);
        book.Place(ask).ShouldBe(RejectReason.SequenceNotAscending);
    }

    [Fact]
    public void Rules_that_could_overflow_make_no_book() =>
        Should.Throw<InvalidOperationException>(() => Book(new BookRules { MaxEnergy = long.MaxValue }));

    [Fact]
    public void Steady_state_allocates_nothing()
    {
        var book = new OrderBook<EventDigest>(new BookRules { ExpectedOrders = 64 }, default);
        Round(book, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 1; round < 1_000; round++)
        {
            Round(book, round * 100);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    /// <summary>
    /// Forty orders at twenty prices with ten expiries: some match, some are cancelled, the rest expire.
    /// </summary>
    private static void Round(OrderBook<EventDigest> book, long first)
    {
        for (var i = 1; i <= 40; i++)
        {
            _ = book.Place(new NewOrder
            {
                Sequence = first + i,
                Owner = i % 7,
                Side = i % 2 == 0 ? Side.Bid : Side.Ask,
                Limit = new PricePerKwh(1_000 + (i * 7 % 20)),
                Energy = new WattHours(100 + i),
                ExpiresAt = new MarketTime(first + 50 + (i % 10)),
                TimeInForce = i % 11 == 0 ? TimeInForce.FillOrKill : TimeInForce.GoodTillCancelled,
            });
            _ = book.Cancel(first + (i / 2));
        }

        book.SetDynamicPrice(new PricePerKwh(1_000));
        book.AdvanceTo(new MarketTime(first + 99));
    }

    [Fact]
    public void Order_for_one_matching_waits_where_an_auction_decides_and_nobody_takes_it_meanwhile()
    {
        var book = Book(new BookRules { Mode = MatchingMode.Waiting });
        book.Place(Ask(40, 100) with { TimeInForce = TimeInForce.FillOrKill }).ShouldBe(RejectReason.None);
        book.Place(Bid(40, 50) with { Target = 1 }).ShouldBe(RejectReason.UnknownOrder);
        book.TryFind(1, out var waiting).ShouldBeTrue();
        (waiting.Rest.Value, waiting.TimeInForce).ShouldBe((100, TimeInForce.FillOrKill));
    }

    [Fact]
    public void Time_in_force_of_what_waits_is_a_part_of_the_books_state()
    {
        var order = Ask(40, 100);
        var hashes = new[]
        {
            TimeInForce.GoodTillCancelled, TimeInForce.ImmediateOrCancel, TimeInForce.FillOrKill,
        }.Select(force =>
        {
            var book = Book(new BookRules { Mode = MatchingMode.Waiting });
            book.Place(order with { TimeInForce = force }).ShouldBe(RejectReason.None);
            return book.StateHash();
        });
        hashes.Distinct().Count().ShouldBe(3);
    }

    private OrderBook<EventRecorder> Book(BookRules? rules = null) => new(rules ?? new BookRules(), _events);

    private IEnumerable<long> Happened(string name) =>
        _events.Events.Where(entry => entry.Name == name).Select(static entry => entry.Order);

    private NewOrder Bid(long price, long energy) => Order(Side.Bid, price, energy);

    private NewOrder Ask(long price, long energy) => Order(Side.Ask, price, energy);

    private NewOrder Order(Side side, long price, long energy) => new()
    {
        Sequence = ++_sequence,
        Owner = 1_000 + _sequence,
        Side = side,
        Limit = new PricePerKwh(price),
        Energy = new WattHours(energy),
        ExpiresAt = MarketTime.Never,
        TimeInForce = TimeInForce.GoodTillCancelled,
    };

    private static MarketTime Noon(int minute) => MarketTime.At(An.Noon.AddMinutes(minute));
}
