using System.Diagnostics;

namespace GridTokenX.Benchmarks.Matching;

/// <summary>Latencies to the nanosecond; those above a millisecond count as one.</summary>
internal sealed class LatencyHistogram
{
    private const int Longest = 1_000_000;
    private int[] _counts = new int[Longest + 1];
    private long _total;

    internal void Add(long ticks)
    {
        var ns = ticks * 1_000_000_000 / Stopwatch.Frequency;
        _counts[Math.Min(ns, Longest)]++;
        _total++;
    }

    /// <summary>The least latency that so many of a million operations do not exceed.</summary>
    internal int Percentile(int perMillion)
    {
        var left = _total * perMillion / 1_000_000;
        for (var ns = 0; ns < _counts.Length; ns++)
        {
            left -= _counts[ns];
            if (left <= 0)
            {
                return ns;
            }
        }

        return Longest;
    }

    internal void TakeIfBetter(LatencyHistogram other)
    {
        if (_total == 0 || other.Percentile(999_000) < Percentile(999_000))
        {
            (_counts, _total) = (other._counts, other._total);
        }
    }
}
