using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Market.Tests.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Clearing;

public sealed class ZoneAuctionTests
{
    private static readonly Guid Ask = Guid.NewGuid();

    [Fact]
    public void Auction_of_a_zones_orders_is_that_of_their_book()
    {
        var (price, matches) = ZoneCycle.Auction(
            [Order(1, Side.Ask, 10, 5) with { Id = Ask }, Order(2, Side.Bid, 21, 3), Order(3, Side.Bid, 20, 3)],
            Rationing.Time);
        price.ShouldBe(new AuctionPrice(new PricePerKwh(15), new WattHours(5), new WattHours(1)));
        matches.Select(static match => (match.Ask, match.Energy.Value, match.Price.Value))
            .ShouldBe([(Ask, 3, 15), (Ask, 2, 15)]);
    }

    [Fact]
    public void Direct_purchase_takes_no_part_in_an_auction()
    {
        Order[] orders = [Order(1, Side.Ask, 10, 5) with { Id = Ask }, Order(2, Side.Bid, 10, 5) with { Target = Ask }];
        ZoneCycle.Auction(orders, Rationing.Time).Matches.ShouldBeEmpty();
        ZoneCycle.Match(orders).Count.ShouldBe(1);
    }

    [Fact]
    public void Bid_below_the_dynamic_price_takes_part_in_nothing()
    {
        Order[] orders = [Order(1, Side.Ask, 10, 5), Order(2, Side.Bid, 19, 5)];
        ZoneCycle.Match(orders, new PricePerKwh(20)).ShouldBeEmpty();
        ZoneCycle.Auction(orders, Rationing.ProRata, new PricePerKwh(20)).Price.ShouldBeNull();
        ZoneCycle.Match(orders, new PricePerKwh(19)).Count.ShouldBe(1);
    }

    [Fact]
    public void Exact_quantities_match_equal_rests_only()
    {
        Order[] orders = [Order(1, Side.Ask, 10, 5), Order(2, Side.Bid, 19, 4), Order(3, Side.Bid, 18, 5)];
        ZoneCycle.Match(orders, null, exactQuantity: true).ShouldHaveSingleItem().Bid.ShouldBe(orders[2].Id);
    }

    private static Order Order(long sequence, Side side, long limit, long energy) => new()
    {
        Id = Guid.NewGuid(),
        Sequence = sequence,
        Owner = Guid.NewGuid(),
        Side = side,
        Limit = new PricePerKwh(limit),
        Energy = new WattHours(energy),
        ExpiresAt = DateTimeOffset.MaxValue,
    };
}
