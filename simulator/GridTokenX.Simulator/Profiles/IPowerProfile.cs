namespace GridTokenX.Simulator.Profiles;

/// <summary>What a household draws, or a roof gives, quarter hour by quarter hour.</summary>
internal interface IPowerProfile
{
    /// <summary>Where it comes from: a file's name, or <c>model</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Energy of one quarter hour in microwatt-seconds (1 Wh = 3.6 × 10^9), counted from the start of the run.
    /// </summary>
    long MicrowattSeconds(int quarter);
}

internal static class Quarter
{
    public const int Seconds = 900;
    public const int PerDay = 96;

    public static readonly TimeSpan Length = TimeSpan.FromSeconds(Seconds);
}
