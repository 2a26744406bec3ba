using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>A book at its size allocates nothing, whatever is asked of it and wherever its prices go.</summary>
public sealed class AllocationTests
{
    private const int Orders = 200;

    [Theory]
    [InlineData(MatchingMode.Continuous, SelfTradePrevention.PassOver, false)]
    [InlineData(MatchingMode.Continuous, SelfTradePrevention.CancelResting, false)]
    [InlineData(MatchingMode.Continuous, SelfTradePrevention.CancelIncoming, true)]
    [InlineData(MatchingMode.Gathering, SelfTradePrevention.CancelBoth, false)]
    [InlineData(MatchingMode.Gathering, SelfTradePrevention.CancelIncoming, false)]
    [InlineData(MatchingMode.Gathering, SelfTradePrevention.PassOver, true)]
    public void Steady_state_allocates_nothing_while_prices_drift(
        MatchingMode mode, SelfTradePrevention selfTrade, bool isExact)
    {
        var rules = new BookRules { Mode = mode, SelfTrade = selfTrade, ExactQuantity = isExact };
        var book = new OrderBook<EventDigest>(rules, default);
        for (var round = 0; round < 300; round++)
        {
            Round(book, round);
        }

        var fills = book.Listener.Fills;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 300; round < 900; round++)
        {
            Round(book, round);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        book.Listener.Fills.ShouldBeGreaterThan(fills + 600);
    }

    /// <summary>
    /// 200 orders at some 100 prices, which next round are others: some match, some in the cycle, some across zones,
    /// some meet their own owner's, some are reduced, cancelled or expire. Up to a round's orders outlive it.
    /// </summary>
    private static void Round(OrderBook<EventDigest> book, int round)
    {
        var first = (long)round * Orders;
        var price = 1_000_000 + (round * 37L);
        for (var i = 1; i <= Orders; i++)
        {
            _ = book.Place(new NewOrder
            {
                Sequence = first + i,
                Owner = i % 7,
                Side = i % 2 == 0 ? Side.Bid : Side.Ask,
                Limit = new PricePerKwh(price + (i * 7_919 % 101)),
                Energy = new WattHours(1 + (i * 31 % 97)),
                ExpiresAt = i % 13 == 0 ? MarketTime.Never : new MarketTime(first + 300 + (i % 50)),
                TimeInForce = i % 11 == 0 ? TimeInForce.FillOrKill : TimeInForce.GoodTillCancelled,
                Target = i % 50 == 0 ? first + i - 1 : 0,
            });
            _ = book.Reduce(first + (i / 2), new WattHours(1));
            _ = book.MatchAcross(first + (i / 3), new WattHours(1 + (i % 3)));
            _ = book.Cancel(first + (i / 4 * 3));
        }

        book.SetDynamicPrice(new PricePerKwh(price + 50));
        book.Match();
        book.SetDynamicPrice(null);
        book.Match();
        book.AdvanceTo(new MarketTime(first + Orders));
        for (var i = 13; i <= Orders; i += 13)
        {
            _ = book.Cancel(first + i - Orders);
        }
    }
}
