using System.Text.Json.Serialization;

namespace GridTokenX.Simulator.Live;

/// <summary>How an installation has taken the readings of a live run.</summary>
internal sealed record LiveReport
{
    public required int Meters { get; init; }

    public required string Via { get; init; }

    public required decimal Seconds { get; init; }

    /// <summary>False when it was stopped before its time.</summary>
    public required bool Finished { get; init; }

    /// <summary>Times at which every meter was read.</summary>
    public required int Rounds { get; init; }

    public required long Signed { get; init; }

    public required long Accepted { get; init; }

    /// <summary>Taken before: an earlier answer was lost.</summary>
    public required long Duplicate { get; init; }

    public required IReadOnlyDictionary<string, long> RefusedByCode { get; init; }

    /// <summary>Still without an answer at the end; another run with the same keys goes on behind them.</summary>
    public required long Unanswered { get; init; }

    /// <summary>Had to give way because nobody answered for too long.</summary>
    public required long Dropped { get; init; }

    public required long Requests { get; init; }

    /// <summary>Times the installation was away, or silent.</summary>
    public required long Away { get; init; }

    /// <summary>Why, of both <see cref="Away"/> and <see cref="Throttled"/>; by <see cref="UplinkCodes"/>.</summary>
    public required IReadOnlyDictionary<string, long> AwayByCode { get; init; }

    /// <summary>Times the installation has asked for patience.</summary>
    public required long Throttled { get; init; }

    /// <summary>From a request to its answer, ms.</summary>
    public required LiveLatency LatencyMs { get; init; }
}

internal sealed record LiveLatency(decimal? Median, decimal? P95, decimal? Slowest)
{
    public static LiveLatency Of(IEnumerable<TimeSpan> answers)
    {
        var sorted = answers.Order().ToList();
        int Place(double share) => (int)Math.Min(sorted.Count * share, sorted.Count - 1);
        decimal? At(double share) => sorted.Count == 0
            ? null
            : decimal.Round((decimal)sorted[Place(share)].TotalMilliseconds, 1);
        return new LiveLatency(At(0.5), At(0.95), At(1));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(LiveReport))]
internal sealed partial class LiveJson : JsonSerializerContext;
