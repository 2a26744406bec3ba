using System.Diagnostics;
using GridTokenX.Benchmarks.Matching.Streams;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Benchmarks.Matching;

/// <summary>
/// One matching cycle over gathered orders that all cross: every bid's limit lies above every ask's, limits and
/// quantities are drawn. In the product orders come one by one before the cycle, so loading is counted by itself.
/// </summary>
/// <param name="Fastest">Of the rounds, in microseconds: the cycle on books that hold their orders already.</param>
/// <param name="Median">Likewise.</param>
/// <param name="FastestWithLoading">Every order placed in a new book, and then the cycle.</param>
internal readonly record struct CycleRun(double Fastest, double Median, double FastestWithLoading)
{
    private const int Rounds = 400;

    internal static CycleRun Of(int ordersASide, int zones)
    {
        var orders = Orders(ordersASide);
        var cycles = new double[Rounds];
        var whole = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            var loading = Stopwatch.GetTimestamp();
            var books = Array.ConvertAll(new int[zones], _ => Load(orders));
            var start = Stopwatch.GetTimestamp();
            foreach (var book in books)
            {
                book.Match();
            }

            cycles[round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            whole[round] = Stopwatch.GetElapsedTime(loading).TotalMicroseconds;
        }

        Array.Sort(cycles);
        return new CycleRun(cycles[0], cycles[Rounds / 2], whole.Min());
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
