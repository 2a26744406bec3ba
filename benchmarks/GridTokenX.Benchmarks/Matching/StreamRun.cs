using System.Diagnostics;
using GridTokenX.Benchmarks.Matching.Streams;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Benchmarks.Matching;

/// <summary>
/// A stream through the product's book with everything on: validation, every event to a listener, the check against
/// self-trade (each order's owner is one of 2,000; none meets himself, since the streams know no owners), price levels
/// with their sums, and every order in the queue of those that expire, 10,000 to a quarter of an hour (time stands
/// still, since the streams know none). Trades at the resting order's price, as the streams' totals do.
/// </summary>
internal sealed class StreamRun
{
    private const int Passes = 10;
    private const int LatencyPasses = 2;
    private const int Owners = 1_000;
    private const long OrdersPerExpiry = 10_000;
    private readonly StreamOperation[] _operations;
    private readonly bool _doExpire;
    private readonly List<double> _seconds = [];
    private readonly List<double> _secondHalves = [];
    private BookRules _rules = new()
    {
        Price = TradePrice.Resting,
        MaxPrice = 1_000_000_000_000,
        MaxEnergy = 1_000_000_000,
        MaxOrders = 1 << 28,
    };

    private CountingListener _sums;

    /// <param name="operations">Of the stream.</param>
    /// <param name="doExpire">Else no order is in the queue of those that do.</param>
    internal StreamRun(StreamOperation[] operations, bool doExpire)
    {
        _operations = operations;
        _doExpire = doExpire;
        SizeTheBook();
        Measure();
        MeasureLatencies();
    }

    internal int Operations => _operations.Length;

    /// <summary>Of the fastest pass.</summary>
    internal double Seconds => _seconds.Min();

    /// <summary>Of the passes.</summary>
    internal double MedianSeconds => Median(_seconds);

    /// <summary>Of the second half of the stream in its fastest pass: the cancels of w3.</summary>
    internal double SecondHalfSeconds => _secondHalves.Min();

    internal double MedianSecondHalfSeconds => Median(_secondHalves);

    /// <summary>By the thread that matches, in the fastest pass.</summary>
    internal long AllocatedBytes { get; private set; } = long.MaxValue;

    internal int Resting { get; private set; }

    internal CountingListener Sums => _sums;

    internal LatencyHistogram Latencies { get; } = new();

    internal double OperationsPerSecond => Operations / Seconds;

    /// <summary>
    /// A first pass finds out how large the book grows, so that the passes that count find it at its size, and lets
    /// the compiler see what there is to do.
    /// </summary>
    private void SizeTheBook()
    {
        var book = new OrderBook<CountingListener>(_rules, default);
        var (orders, prices) = (1, 1);
        for (var i = 0; i < _operations.Length; i++)
        {
            Apply(book, _operations[i]);
            orders = Math.Max(orders, book.Count);
            if (i % 1_000 == 0)
            {
                prices = Math.Max(prices, Math.Max(book.Depth(Side.Bid).Count(), book.Depth(Side.Ask).Count()));
            }
        }

        _rules = _rules with { ExpectedOrders = orders, ExpectedPrices = Math.Min(prices * 2, 1 << 20) };
    }

    private void Measure()
    {
        for (var pass = 0; pass < Passes; pass++)
        {
            var book = NewBook();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            Apply(book, _operations.AsSpan(0, _operations.Length / 2));
            var half = Stopwatch.GetTimestamp();
            Apply(book, _operations.AsSpan(_operations.Length / 2));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var secondHalf = Stopwatch.GetElapsedTime(half).TotalSeconds;
            AllocatedBytes = Math.Min(AllocatedBytes, GC.GetAllocatedBytesForCurrentThread() - allocated);
            _seconds.Add(seconds);
            _secondHalves.Add(secondHalf);
            Resting = book.Count;
            _sums = book.Listener;
        }
    }

    /// <summary>Each operation by itself, with the two looks at the clock; the better of the passes.</summary>
    private void MeasureLatencies()
    {
        for (var pass = 0; pass < LatencyPasses; pass++)
        {
            var book = NewBook();
            var latencies = new LatencyHistogram();
            foreach (ref readonly var operation in _operations.AsSpan())
            {
                var start = Stopwatch.GetTimestamp();
                Apply(book, operation);
                latencies.Add(Stopwatch.GetTimestamp() - start);
            }

            Latencies.TakeIfBetter(latencies);
        }
    }

    private static MarketTime ExpiryOf(long order) =>
        new((1 + (order / OrdersPerExpiry)) * TimeSpan.TicksPerMinute * 15);

    private static double Median(List<double> passes)
    {
        var sorted = passes.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private OrderBook<CountingListener> NewBook() => new(_rules, default);

    private void Apply(OrderBook<CountingListener> book, ReadOnlySpan<StreamOperation> operations)
    {
        foreach (ref readonly var operation in operations)
        {
            Apply(book, operation);
        }
    }

    private void Apply(OrderBook<CountingListener> book, in StreamOperation operation)
    {
        if (operation.Type != 0)
        {
            _ = book.Cancel(operation.Order + 1);
            return;
        }

        _ = book.Place(new NewOrder
        {
            Sequence = operation.Order + 1,
            Owner = (operation.Order % Owners * 2) + operation.Side,
            Side = operation.Side == 0 ? Side.Bid : Side.Ask,
            Limit = new PricePerKwh(operation.Price),
            Energy = new WattHours(operation.Quantity),
            ExpiresAt = _doExpire ? ExpiryOf(operation.Order) : MarketTime.Never,
            TimeInForce = TimeInForce.GoodTillCancelled,
        });
    }
}
