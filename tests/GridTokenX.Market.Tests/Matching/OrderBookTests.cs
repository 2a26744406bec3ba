using GridTokenX.Market.Matching;

namespace GridTokenX.Market.Tests.Matching;

public sealed class OrderBookTests
{
    private readonly OrderBook _book = new();

    [Fact]
    public void Order_expires_at_its_instant_and_not_before()
    {
        _book.Add(An.Order(Side.Ask, 40, 100, sequence: 2));
        _book.Add(An.Order(Side.Bid, 30, 100, sequence: 1));
        _book.Expire(An.Noon.AddMinutes(30).AddTicks(-1)).ShouldBeEmpty();
        _book.Expire(An.Noon.AddMinutes(30)).Select(static order => order.Sequence).ShouldBe([1, 2]);
        _book.Count.ShouldBe(0);
    }

    [Fact]
    public void Expired_order_does_not_match()
    {
        _book.Add(An.Order(Side.Ask, 40, 100, sequence: 1) with { ExpiresAt = An.Noon });
        _book.Add(An.Order(Side.Bid, 40, 100, sequence: 2));
        _ = _book.Expire(An.Noon);
        _book.Match().ShouldBeEmpty();
    }

    [Fact]
    public void Cancelled_order_does_not_match()
    {
        _book.Add(An.Order(Side.Ask, 40, 100, sequence: 1));
        _book.Add(An.Order(Side.Bid, 40, 100, sequence: 2));
        _book.Cancel(An.Id(1)).ShouldBeTrue();
        _book.Match().ShouldBeEmpty();
    }

    [Fact]
    public void Cancel_after_fill_is_refused()
    {
        _book.Add(An.Order(Side.Ask, 40, 100, sequence: 1));
        _book.Add(An.Order(Side.Bid, 40, 200, sequence: 2));
        _ = _book.Match();
        _book.Cancel(An.Id(1)).ShouldBeFalse();
        _book.Cancel(An.Id(2)).ShouldBeTrue();
        _book.Cancel(An.Id(2)).ShouldBeFalse();
    }

    [Fact]
    public void Rest_of_an_order_matches_what_comes_later()
    {
        _book.Add(An.Order(Side.Ask, 40, 100, sequence: 1));
        _book.Add(An.Order(Side.Bid, 40, 250, sequence: 2));
        _ = _book.Match();
        _book.Add(An.Order(Side.Ask, 39, 500, sequence: 3));
        var match = _book.Match().ShouldHaveSingleItem();
        match.Energy.Value.ShouldBe(150);
        match.Price.Value.ShouldBe(39);
    }

    [Theory]
    [InlineData(0, 100, 0)]
    [InlineData(40, 0, 0)]
    [InlineData(40, 100, 100)]
    [InlineData(40, 100, -1)]
    public void Order_without_price_or_energy_is_refused(long price, long energy, long filled) =>
        Should.Throw<ArgumentException>(() => _book.Add(An.Order(Side.Bid, price, energy, 1, filled: filled)));

    [Fact]
    public void Order_without_side_is_refused() =>
        Should.Throw<ArgumentException>(() => _book.Add(An.Order(Side.None, 40, 100, 1)));

    [Fact]
    public void Ask_with_a_target_is_refused() =>
        Should.Throw<ArgumentException>(() => _book.Add(An.Order(Side.Ask, 40, 100, 1, target: An.Id(2))));

    [Fact]
    public void Second_order_with_an_id_or_sequence_is_refused()
    {
        _book.Add(An.Order(Side.Bid, 40, 100, 1));
        Should.Throw<ArgumentException>(() => _book.Add(An.Order(Side.Bid, 40, 100, 1)));
        Should.Throw<ArgumentException>(() => _book.Add(An.Order(Side.Bid, 40, 100, 2) with { Sequence = 1 }));
        _book.Count.ShouldBe(1);
    }
}
