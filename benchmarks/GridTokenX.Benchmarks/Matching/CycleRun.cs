using System.Diagnostics;
using GridTokenX.Benchmarks.Matching.Streams;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Benchmarks.Matching;

/// <summary>
/// One matching cycle over gathered orders that all cross: every bid's limit lies above every ask's, limits and
/// quantities are drawn. Loading is not counted: in the product orders come one by one before the cycle.
/// </summary>
internal static class CycleRun
{
    private const int Rounds = 400;

    /// <summary>The fastest of the rounds, in microseconds.</summary>
    internal static double Fastest(int ordersASide, int zones)
    {
        var orders = Orders(ordersASide);
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var books = Array.ConvertAll(new int[zones], _ => Load(orders));
            var start = Stopwatch.GetTimestamp();
            foreach (var book in books)
            {
                book.Match();
            }

            var elapsed = Stopwatch.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;
        }

        return best.TotalMicroseconds;
    }

    private static OrderBook<CountingListener> Load(NewOrder[] orders)
    {
        var rules = new BookRules
        {
            Mode = MatchingMode.Gathering,
            ExpectedOrders = orders.Length,
            ExpectedPrices = orders.Length,
        };
        var book = new OrderBook<CountingListener>(rules, default);
        foreach (ref readonly var order in orders.AsSpan())
        {
            _ = book.Place(order);
        }

        return book;
    }

    private static NewOrder[] Orders(int ordersASide)
    {
        var random = new MersenneTwister64(11);
        var orders = new NewOrder[2 * ordersASide];
        for (var i = 0; i < orders.Length; i++)
        {
            var side = i % 2 == 0 ? Side.Bid : Side.Ask;
            orders[i] = new NewOrder
            {
                Sequence = i + 1,
                Owner = i,
                Side = side,
                Limit = new PricePerKwh((side == Side.Bid ? 4_500_000 : 3_500_000) + (random.Below(100) * 10_000)),
                Energy = new WattHours(100 * (1 + random.Below(10))),
                ExpiresAt = new MarketTime(1),
                TimeInForce = TimeInForce.GoodTillCancelled,
            };
        }

        return orders;
    }
}
