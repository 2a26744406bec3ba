using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Market.Tests.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Clearing;

public sealed class CallAuctionTests
{
    private static readonly Config Thousands = Config.QuickThrowOnFailure.WithMaxTest(4_000).WithEndSize(14);

    [Fact]
    public void Price_and_volume_are_those_of_a_search_through_every_price() => Holds(static book =>
    {
        var expected = AuctionSearch.Best([.. book.Orders(Side.Bid)], [.. book.Orders(Side.Ask)]);
        var price = book.IndicativePrice();
        (price?.Price.Value, price?.Volume.Value).ShouldBe((expected?.Price, expected?.Volume));
    });

    [Fact]
    public void All_volume_trades_at_the_price_unless_only_one_owner_is_left() => Holds(static book =>
    {
        var owners = book.Orders(Side.Bid).Concat(book.Orders(Side.Ask))
            .ToDictionary(static order => order.Sequence, static order => order.Owner);
        var price = book.Auction(Rationing.Time);
        var matches = book.Listener.Matches.ToList();
        matches.ShouldAllBe(match => match.Price == price!.Value.Price
            && match.BidLimit >= match.Price && match.AskLimit <= match.Price
            && owners[match.Bid] != owners[match.Ask]);
        var traded = matches.Sum(static match => match.Energy.Value);
        var untraded = (price?.Volume.Value ?? 0) - traded;
        untraded.ShouldBeGreaterThanOrEqualTo(0);
        if (untraded > 0)
        {
            // Every match involves the one who was left alone with himself on both sides.
            owners.Values.Distinct().ShouldContain(owner =>
                matches.All(match => owners[match.Bid] == owner || owners[match.Ask] == owner));
        }
    });

    [Fact]
    public void Nobody_with_a_better_limit_is_served_after_the_margin() => Holds(static book =>
    {
        var bids = book.Orders(Side.Bid).ToList();
        var asks = book.Orders(Side.Ask).ToList();
        var owners = bids.Concat(asks).Select(static order => order.Owner).Distinct().Count();
        if (book.Auction(Rationing.Time) is null || owners < bids.Count + asks.Count)
        {
            return;
        }

        ServedInOrder(bids, book.Listener.Matches.ToLookup(static match => match.Bid)).ShouldBeTrue();
        ServedInOrder(asks, book.Listener.Matches.ToLookup(static match => match.Ask)).ShouldBeTrue();
    });

    [Fact]
    public void Pro_rata_shares_differ_from_the_exact_ones_by_less_than_a_watt_hour() => Holds(static book =>
    {
        var bids = book.Orders(Side.Bid).ToList();
        if (book.IndicativePrice() is not { } price)
        {
            return;
        }

        // One seller of all the supply there is, so that no pairing is refused.
        var seller = new BookedOrder(999, 999, Side.Ask, new(1), price.Volume, price.Volume, MarketTime.Never);
        var got = CallAuction.Match(bids, [seller], price, Rationing.ProRata)
            .ToDictionary(static match => match.Bid, static match => match.Energy.Value);
        got.Values.Sum().ShouldBe(price.Volume.Value);
        var left = price.Volume.Value;
        foreach (var level in bids.Where(bid => bid.Limit >= price.Price).GroupBy(static bid => bid.Limit))
        {
            var offered = level.Sum(static bid => bid.Rest.Value);
            var served = Math.Min(offered, left);
            level.ShouldAllBe(bid =>
                Math.Abs((got.GetValueOrDefault(bid.Sequence) * offered) - (served * bid.Rest.Value)) < offered);
            left -= served;
        }
    });

    [Fact]
    public void Watt_hours_left_over_go_to_the_earliest()
    {
        var book = Book((Side.Ask, 10, 10, 1), (Side.Bid, 20, 7, 2), (Side.Bid, 20, 7, 3), (Side.Bid, 20, 7, 4));
        _ = book.Auction(Rationing.ProRata);
        book.Listener.Matches.Select(static match => (match.Bid, match.Energy.Value))
            .ShouldBe([(2, 4), (3, 3), (4, 3)]);
    }

    [Fact]
    public void Without_crossing_orders_there_is_no_price()
    {
        var book = Book((Side.Ask, 21, 10, 1), (Side.Bid, 20, 7, 2));
        book.IndicativePrice().ShouldBeNull();
        book.Auction(Rationing.Time).ShouldBeNull();
    }

    [Fact]
    public void Price_is_the_midpoint_of_the_marginal_pair_rounded_down() =>
        Book((Side.Ask, 10, 5, 1), (Side.Bid, 21, 5, 2)).IndicativePrice()
            .ShouldBe(new AuctionPrice(new PricePerKwh(15), new WattHours(5), WattHours.Zero));

    [Fact]
    public void Owner_on_both_sides_trades_with_others_instead_of_himself()
    {
        // Paired in order, 1 would meet himself at the end: the strangers 2 and 3 make room.
        var book = Book((Side.Ask, 10, 5, 2), (Side.Ask, 10, 5, 1), (Side.Bid, 20, 5, 3), (Side.Bid, 20, 5, 1));
        _ = book.Auction(Rationing.Time);
        book.Listener.Matches.Select(static match => (match.Bid, match.Ask))
            .ShouldBe([(4, 1), (3, 2)], ignoreOrder: true);
    }

    private static bool ServedInOrder(List<BookedOrder> orders, ILookup<long, BookMatch> matches)
    {
        var whole = orders.Select(order =>
            (Wants: order.Rest.Value, Got: matches[order.Sequence].Sum(static match => match.Energy.Value))).ToList();
        var first = whole.FindIndex(static order => order.Got < order.Wants);
        return first < 0 || whole.Skip(first + 1).All(static order => order.Got == 0);
    }

    private static OrderBook<EventRecorder> Book(params (Side Side, long Price, long Energy, long Owner)[] orders)
    {
        var rules = new BookRules { Mode = MatchingMode.Gathering };
        var book = new OrderBook<EventRecorder>(rules, new EventRecorder());
        foreach (var order in orders)
        {
            book.Place(new NewOrder
            {
                Sequence = book.LastSequence + 1,
                Owner = order.Owner,
                Side = order.Side,
                Limit = new PricePerKwh(order.Price),
                Energy = new WattHours(order.Energy),
                ExpiresAt = MarketTime.Never,
                TimeInForce = TimeInForce.GoodTillCancelled,
            }).ShouldBe(RejectReason.None);
        }

        return book;
    }

    /// <summary>Small books with few prices and few owners: ties everywhere.</summary>
    private static void Holds(Action<OrderBook<EventRecorder>> property)
    {
        var order =
            from side in Gen.Elements(Side.Bid, Side.Ask)
            from price in Gen.Choose(1, 12)
            from energy in Gen.Choose(1, 9)
            from owner in Gen.Choose(1, 40)
            select (side, (long)price, (long)energy, (long)owner);
        var narrow = order.Select(static it => (it.side, it.Item2, it.Item3, it.Item4 % 4));
        var books = Gen.OneOf(order, narrow).ArrayOf();
        Prop.ForAll(Arb.From(books), orders => property(Book(orders))).Check(Thousands);
    }
}
