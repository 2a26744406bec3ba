namespace GridTokenX.Simulator.Live;

/// <summary>What plays against an installation, in real time.</summary>
internal sealed record LiveOptions
{
    public const int MaxMeters = 10_000;

    public required int Meters { get; init; }

    /// <summary>Of the homes' load and roofs; the keys come from a file, since a number could be guessed.</summary>
    public required long Seed { get; init; }

    public required string Zone { get; init; }

    /// <summary>Of the homes' clocks: when they eat, and when the sun is on their roofs.</summary>
    public TimeZoneInfo HomeTime { get; init; } = TimeZoneInfo.Utc;

    /// <summary>From one reading of a meter to the next.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Null until it is stopped.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The most requests, or over MQTT batches of readings, a second.</summary>
    public required int RequestsPerSecond { get; init; }
}
