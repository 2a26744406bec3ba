using System.Diagnostics;
using System.Text.Json;
using GridTokenX.Benchmarks.Matching.Streams;

namespace GridTokenX.Benchmarks.Matching;

/// <summary>How fast the product's order book is.</summary>
internal static class MatchingBench
{
    public const string Name = "matching";

    // What the public GridTokenX publishes of its matching in Rust, on a machine of its own.
    private const string Published = "published by the public GridTokenX, another machine";
    private const string Plain = "our plain reference book (sorted dictionaries, linked lists), this run";
    private const double PublishedThousand = 213;
    private const double PublishedFiveThousand = 1_150;
    private const double PublishedEightZones = 744;

    /// <summary>
    /// The three streams and the cycles. The baseline of a stream is a plain book of our own, of sorted dictionaries
    /// and linked lists, in the same run, and no other engine; of a cycle, the published figure.
    /// </summary>
    public static IEnumerable<Measurement> Run()
    {
        IEnumerable<Measurement> streams =
        [
            .. OfStream("w1", OperationStreams.W1(), OperationStreams.W1Totals),
            .. OfStream("w2", OperationStreams.W2(), OperationStreams.W2Totals),
            .. OfStream("w3", OperationStreams.W3(), OperationStreams.W3Totals),
        ];
        return
        [
            .. streams,
            .. Cycle("cycle 1000 x 1000", 1_000, 1, PublishedThousand),
            .. Cycle("cycle 5000 x 5000", 5_000, 1, PublishedFiveThousand),
            .. Cycle("cycle 8 zones of 1000 x 1000", 1_000, 8, PublishedEightZones),
        ];
    }

    /// <summary>A file of operations, records of 32 bytes: one JSON line.</summary>
    /// <exception cref="InvalidDataException">The file is no stream; the message names the first record that is
    /// wrong.</exception>
    public static string RunFile(string path)
    {
        var run = new StreamRun(OperationFile.Read(path), doExpire: true);
        return JsonSerializer.Serialize(new
        {
            bench = Name,
            operations = run.Operations,
            seconds = Math.Round(run.Seconds, 6),
            operations_per_second = Math.Round(run.OperationsPerSecond),
            fills = run.Sums.Fills,
            filled_quantity = run.Sums.Quantity,
            filled_value = run.Sums.Value,
            resting = run.Resting,
            rejected = run.Sums.Rejections,
            allocated_bytes_per_operation = Math.Round((double)run.AllocatedBytes / run.Operations, 6),
            p50_ns = run.Latencies.Percentile(500_000),
            p99_ns = run.Latencies.Percentile(990_000),
            p99_9_ns = run.Latencies.Percentile(999_000),
            p99_99_ns = run.Latencies.Percentile(999_900),
        });
    }

    private static IEnumerable<Measurement> OfStream(string name, StreamOperation[] operations, StreamTotals totals)
    {
        var run = new StreamRun(operations, doExpire: true);
        var reached = new StreamTotals(
            run.Operations, run.Sums.Fills, run.Sums.Quantity, run.Sums.Value, run.Resting);
        if (reached != totals)
        {
            throw new InvalidOperationException($"{name} came to {reached}, not to {totals}.");
        }

        var plain = PlainOperations(operations);
        yield return Rate($"{name} operations", run.OperationsPerSecond, plain);
        yield return Rate($"{name} operations, median pass", run.Operations / run.MedianSeconds, plain);
        yield return Rate(
            $"{name} operations, none expires", new StreamRun(operations, doExpire: false).OperationsPerSecond, plain);
        if (name == "w3")
        {
            var cancels = operations.Length / 2;
            yield return Rate("w3 cancels", cancels / run.SecondHalfSeconds);
            yield return Rate("w3 cancels, median pass", cancels / run.MedianSecondHalfSeconds);
        }

        var allocated = Math.Round((double)run.AllocatedBytes / run.Operations, 6);
        yield return new Measurement(Name, $"{name} allocated", "bytes/operation", allocated);
        yield return new Measurement(Name, $"{name} p50", "ns", run.Latencies.Percentile(500_000));
        yield return new Measurement(Name, $"{name} p99", "ns", run.Latencies.Percentile(990_000));
        yield return new Measurement(Name, $"{name} p99.9", "ns", run.Latencies.Percentile(999_000));
        yield return new Measurement(Name, $"{name} p99.99", "ns", run.Latencies.Percentile(999_900));
    }

    private static double PlainOperations(StreamOperation[] operations)
    {
        var book = new ReferenceBook();
        var start = Stopwatch.GetTimestamp();
        foreach (var operation in operations)
        {
            book.Apply(operation);
        }

        return Math.Round(operations.Length / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static Measurement Rate(string metric, double perSecond, double? plain = null) =>
        new(Name, metric, "1/s", Math.Round(perSecond), plain, plain is null ? null : Plain);

    /// <summary>Without loading, as the published figures are; and with it.</summary>
    private static IEnumerable<Measurement> Cycle(string metric, int ordersASide, int zones, double published)
    {
        var run = CycleRun.Of(ordersASide, zones);
        yield return new Measurement(
            Name, metric, "µs", Math.Round(run.Fastest, 1), published, Published);
        yield return new Measurement(
            Name, $"{metric}, median round", "µs", Math.Round(run.Median, 1), published, Published);
        yield return new Measurement(Name, $"{metric}, with loading", "µs", Math.Round(run.FastestWithLoading, 1));
    }
}
