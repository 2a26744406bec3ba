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
    public void Price_volume_and_imbalance_are_those_of_a_search_through_every_price() => Holds(static book =>
    {
        var expected = AuctionSearch.Best([.. book.Orders(Side.Bid)], [.. book.Orders(Side.Ask)]);
        var price = book.IndicativePrice();
        (price?.Price.Value, price?.Volume.Value, price?.Imbalance.Value)
            .ShouldBe((expected?.Price, expected?.Volume, expected?.Imbalance));
    });

    [Theory]
    [InlineData(Rationing.Time)]
    [InlineData(Rationing.ProRata)]
    public void Each_order_gets_its_share_at_the_price_but_what_one_owner_has_too_much_on_both_sides(
        Rationing rationing) => Holds(book =>
    {
        var bids = Naive(book.Orders(Side.Bid));
        var asks = Naive(book.Orders(Side.Ask));
        var price = book.Auction(rationing);
        var matches = book.Listener.Matches.ToList();
        if (price is not { } at)
        {
            matches.ShouldBeEmpty();
            return;
        }

        var owners = bids.Concat(asks).ToDictionary(static o => o.Order.Sequence, static o => o.Order.Owner);
        matches.TrueForAll(match => match.Price == at.Price && match.BidLimit >= match.Price
            && match.AskLimit <= match.Price && owners[match.Bid] != owners[match.Ask]).ShouldBeTrue();
        var got = matches.Select(static match => (Order: match.Bid, match.Energy))
            .Concat(matches.Select(static match => (Order: match.Ask, match.Energy)))
            .ToLookup(static part => part.Order, static part => part.Energy.Value);
        var shares = NaiveAuction.Shares(bids, at.Price.Value, at.Volume.Value, rationing)
            .Concat(NaiveAuction.Shares(asks, at.Price.Value, at.Volume.Value, rationing))
            .ToList();

        // More than the others' bids and asks together take, nobody can trade.
        var tooMuch = shares.GroupBy(static share => share.Order.Order.Owner)
            .ToDictionary(
                static owner => owner.Key,
                owner => Math.Max(0, owner.Sum(static share => share.Energy) - at.Volume.Value));
        matches.Sum(static match => match.Energy.Value).ShouldBe(at.Volume.Value - tooMuch.Values.Max());
        foreach (var (order, energy) in shares)
        {
            var part = got[order.Order.Sequence].Sum();
            part.ShouldBeLessThanOrEqualTo(energy);
            if (tooMuch[order.Order.Owner] == 0)
            {
                part.ShouldBe(energy);
            }
        }

        got.Count.ShouldBe(shares.Count(share => got.Contains(share.Order.Order.Sequence)));
    });

    [Theory]
    [InlineData(Rationing.Time)]
    [InlineData(Rationing.ProRata)]
    public void Better_limits_are_served_whole_before_the_margin_and_the_margin_by_its_rule(Rationing rationing) =>
        Holds(book =>
        {
            if (book.IndicativePrice() is not { } price)
            {
                return;
            }

            foreach (var orders in new[] { book.Orders(Side.Bid).ToList(), book.Orders(Side.Ask).ToList() })
            {
                // A stranger of the other side who takes all of it, so that no pairing is refused.
                var side = orders[0].Side == Side.Bid ? Side.Ask : Side.Bid;
                var other = new BookedOrder(999, 999, side, price.Price, price.Volume, price.Volume, MarketTime.Never);
                var matches = side == Side.Ask
                    ? CallAuction.Match(orders, [other], price, rationing)
                    : CallAuction.Match([other], orders, price, rationing);
                ServedBy(orders, price, rationing, matches
                    .ToDictionary(match => side == Side.Ask ? match.Bid : match.Ask, static m => m.Energy.Value));
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

    private static void ServedBy(
        List<BookedOrder> orders, AuctionPrice price, Rationing rationing, Dictionary<long, long> got)
    {
        var left = price.Volume.Value;
        got.Values.Sum().ShouldBe(left);
        foreach (var level in orders.GroupBy(static order => order.Limit))
        {
            var offered = level.Sum(static order => order.Rest.Value);
            var served = Math.Min(offered, left);
            left -= served;
            level.Sum(order => got.GetValueOrDefault(order.Sequence)).ShouldBe(served);
            if (rationing == Rationing.ProRata)
            {
                level.All(order => Math.Abs(
                        (got.GetValueOrDefault(order.Sequence) * offered) - (served * order.Rest.Value)) < offered)
                    .ShouldBeTrue();
            }
            else
            {
                level.SkipWhile(order => got.GetValueOrDefault(order.Sequence) == order.Rest.Value).Skip(1)
                    .Any(order => got.ContainsKey(order.Sequence)).ShouldBeFalse();
            }
        }
    }

    private static List<NaiveOrder> Naive(IEnumerable<BookedOrder> orders) =>
    [
        .. orders.Select(static order => new NaiveOrder
        {
            Order = new NewOrder
            {
                Sequence = order.Sequence,
                Owner = order.Owner,
                Side = order.Side,
                Limit = order.Limit,
                Energy = order.Energy,
                ExpiresAt = order.ExpiresAt,
                TimeInForce = TimeInForce.GoodTillCancelled,
            },
            Energy = order.Energy.Value,
            Rest = order.Rest.Value,
        }),
    ];

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
