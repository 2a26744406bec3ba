using System.Collections.Concurrent;
using System.Diagnostics;
using GridTokenX.CloudCore.Metrics;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.CloudCore.Ingest;

/// <summary>
/// Verifies readings' signatures on threads of its own, one a core: the kernel shares the cores between them and the
/// other requests, which would else queue behind whole batches.
/// </summary>
internal sealed class SignatureChecks : IDisposable
{
    private const int PieceLength = 32;

    private readonly BlockingCollection<(Batch Batch, int From)> _pieces = [];
    private readonly CloudMetrics _metrics;
    private readonly List<Thread> _threads;

    public SignatureChecks(CloudMetrics metrics)
    {
        _metrics = metrics;
        _threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new Thread(Work)
        {
            Name = $"signatures-{number}",
            IsBackground = true,
        })];
        _threads.ForEach(static thread => thread.Start());
    }

    /// <summary>Which of the readings were signed by the devices they name.</summary>
    internal async Task<bool[]> VerifyAsync(IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken)
    {
        if (readings.Count == 0)
        {
            return [];
        }

        var started = Stopwatch.GetTimestamp();
        var batch = new Batch(readings, cancellationToken);
        for (var from = 0; from < readings.Count; from += PieceLength)
        {
            _pieces.Add((batch, from), CancellationToken.None);
        }

        await batch.Done.Task;
        cancellationToken.ThrowIfCancellationRequested();
        _metrics.Verified(Stopwatch.GetElapsedTime(started));
        return batch.Valid;
    }

    public void Dispose()
    {
        _pieces.CompleteAdding();
        _threads.ForEach(static thread => thread.Join());
        _pieces.Dispose();
    }

    private void Work()
    {
        foreach (var (batch, from) in _pieces.GetConsumingEnumerable())
        {
            batch.Verify(from);
        }
    }

    private sealed class Batch(IReadOnlyList<SignedReading> readings, CancellationToken cancellation)
    {
        private int _left = (readings.Count + PieceLength - 1) / PieceLength;

        internal bool[] Valid { get; } = new bool[readings.Count];

        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal void Verify(int from)
        {
            var end = Math.Min(from + PieceLength, readings.Count);
            for (var i = from; i < end && !cancellation.IsCancellationRequested; i++)
            {
                Valid[i] = readings[i].HasValidSignature();
            }

            if (Interlocked.Decrement(ref _left) == 0)
            {
                Done.SetResult();
            }
        }
    }
}
