using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

public sealed class OrderBookPropertyTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(600).WithEndSize(40);

    [Fact]
    public void Book_does_what_its_naive_twin_does() => Holds(static orders =>
    {
        var expected = NaiveBook.Match(orders);
        var matches = Play(orders).Matches;
        matches.Select(static match => new NaiveBook.Trade(match.Bid, match.Ask, match.Energy.Value, match.Price.Value))
            .ShouldBe(expected);
    });

    [Fact]
    public void Arrival_in_the_book_does_not_matter_only_sequence_does() => Holds(static orders =>
        Play(Enumerable.Reverse(orders).ToList()).Matches.ShouldBe(Play(orders).Matches));

    [Fact]
    public void No_order_is_filled_beyond_its_energy() => Holds(static orders =>
    {
        var filled = Filled(Play(orders).Matches);
        orders.ShouldAllBe(order => filled.GetValueOrDefault(order.Id) <= order.Rest.Value);
    });

    [Fact]
    public void No_trade_lies_outside_either_limit_or_within_one_owner() => Holds(static orders =>
    {
        var byId = orders.ToDictionary(static order => order.Id);
        Play(orders).Matches.ShouldAllBe(match =>
            byId[match.Bid].Limit >= match.Price
            && byId[match.Ask].Limit == match.Price
            && byId[match.Bid].Owner != byId[match.Ask].Owner
            && (byId[match.Bid].Target == null || byId[match.Bid].Target == match.Ask));
    });

    [Fact]
    public void Nothing_that_may_trade_is_left_crossed() => Holds(static orders =>
    {
        var book = Play(orders).Book;
        var crossed =
            from bid in book.Bids
            from ask in book.Asks
            where bid.Limit >= ask.Limit && bid.Owner != ask.Owner && (bid.Target is null || bid.Target == ask.Id)
            select (bid, ask);
        crossed.ShouldBeEmpty();
        book.Match().ShouldBeEmpty();
    });

    [Fact]
    public void Energy_sold_is_energy_bought_and_the_rest_stays() => Holds(static orders =>
    {
        var (book, matches) = Play(orders);
        var filled = Filled(matches);
        var rest = book.Bids.Concat(book.Asks).ToDictionary(static order => order.Id, static order => order.Rest.Value);
        orders.ShouldAllBe(order =>
            order.Rest.Value == filled.GetValueOrDefault(order.Id) + rest.GetValueOrDefault(order.Id));
    });

    [Fact]
    public void Escrow_is_values_and_refunds_and_the_rest_to_the_last_micro_grx() => Holds(static orders =>
    {
        var (book, matches) = Play(orders);
        var open = book.Bids.ToDictionary(static bid => bid.Id, static bid => bid.Filled);
        foreach (var bid in orders.Where(static order => order.Side == Side.Bid))
        {
            var used = BidEscrow.Share(bid.Limit, WattHours.Zero, bid.Filled);
            foreach (var match in matches.Where(match => match.Bid == bid.Id))
            {
                var terms = SettlementTerms.Of(match.Value, match.BuyerShare, feeBasisPoints: 100);
                match.Value.ShouldBe(match.Price.ValueOf(match.Energy));
                (terms.ToSeller + terms.Fee).ShouldBe(match.Value);
                used += terms.ToSeller + terms.Fee + terms.Refund;
            }

            var rest = BidEscrow.Rest(bid.Limit, bid.Energy, open.GetValueOrDefault(bid.Id, bid.Energy));
            (used + rest).ShouldBe(BidEscrow.Of(bid.Limit, bid.Energy));
        }
    });

    /// <summary>
    /// An ask that a bid's owner may take is never passed over for a worse one, nor an order for a later one.
    /// </summary>
    [Fact]
    public void Price_and_time_priority_hold() => Holds(static orders =>
    {
        var (book, matches) = Play(orders);
        var byId = orders.ToDictionary(static order => order.Id);
        var left = book.Bids.Concat(book.Asks).ToDictionary(static order => order.Id);
        foreach (var match in matches)
        {
            var (bid, ask) = (byId[match.Bid], byId[match.Ask]);
            left.Values
                .Where(order => order.Side == Side.Ask && bid.Target is null && order.Owner != bid.Owner)
                .ShouldAllBe(other => Rank(other.Limit.Value, other) >= Rank(ask.Limit.Value, ask));
            left.Values
                .Where(order => order.Side == Side.Bid && order.Target is null && order.Owner != ask.Owner)
                .ShouldAllBe(other => Rank(-other.Limit.Value, other) >= Rank(-bid.Limit.Value, bid));
        }
    });

    private static long Rank(long price, Order order) => (price * 1_000) + order.Sequence;

    private static Dictionary<Guid, long> Filled(IReadOnlyList<Match> matches) => matches
        .SelectMany(static match => new[] { (match.Bid, match.Energy), (match.Ask, match.Energy) })
        .GroupBy(static fill => fill.Item1)
        .ToDictionary(static fills => fills.Key, static fills => fills.Sum(static fill => fill.Energy.Value));

    private static (OrderBook Book, IReadOnlyList<Match> Matches) Play(IReadOnlyList<Order> orders)
    {
        var book = new OrderBook();
        foreach (var order in orders)
        {
            book.Add(order);
        }

        return (book, book.Match());
    }

    private static void Holds(Action<List<Order>> property) => Prop.ForAll(BookGenerators.Books, property).Check(Many);
}
