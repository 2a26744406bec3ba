namespace GridTokenX.CloudCore.Ingest;

/// <summary>Section <c>Ingest</c>: the limits of the rules for readings.</summary>
public sealed record IngestOptions
{
    /// <summary>An older reading is refused: too_old.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How far a reading may lie in the future: in_future.</summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// From the device's previous reading, by the readings' own times, so a backlog comes in at once: rate_limited.
    /// </summary>
    public TimeSpan MinReadingInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The most a register may grow in one interval, Wh; pro rata when readings are missing: energy_out_of_range.
    /// </summary>
    public long MaxIntervalWh { get; init; } = 100_000;

    /// <summary>
    /// Readings of all the requests that have not been answered yet; a request beyond them is answered with
    /// overloaded. At least one batch.
    /// </summary>
    public int MaxReadingsInHand { get; init; } = 50_000;

    /// <summary>Requests are gathered into one transaction up to this many readings; a request is never cut.</summary>
    public int MaxReadingsInTransaction { get; init; } = 4_000;

    /// <summary>Transactions at the same time.</summary>
    public int Writers { get; init; } = 2;

    internal static IEnumerable<string> Faults(IngestOptions options)
    {
        if (options.MaxAge <= TimeSpan.Zero)
        {
            yield return $"{nameof(MaxAge)} is {options.MaxAge}; it must be positive.";
        }

        if (options.MaxAhead < TimeSpan.Zero)
        {
            yield return $"{nameof(MaxAhead)} is {options.MaxAhead}; it must not be negative.";
        }

        if (options.MinReadingInterval < TimeSpan.FromSeconds(1))
        {
            yield return $"{nameof(MinReadingInterval)} is {options.MinReadingInterval}; it is at least one second.";
        }

        if (options.MaxIntervalWh is < 1 or > 1_000_000_000)
        {
            yield return $"{nameof(MaxIntervalWh)} is {options.MaxIntervalWh}; it goes from 1 to 1000000000.";
        }

        if (options.MaxReadingsInHand is < 500 or > 1_000_000)
        {
            yield return $"{nameof(MaxReadingsInHand)} is {options.MaxReadingsInHand}; it goes from 500 to 1000000.";
        }

        if (options.MaxReadingsInTransaction is < 1 or > 100_000)
        {
            yield return $"{nameof(MaxReadingsInTransaction)} is {options.MaxReadingsInTransaction}; "
                + "it goes from 1 to 100000.";
        }

        if (options.Writers is < 1 or > 64)
        {
            yield return $"{nameof(Writers)} is {options.Writers}; it goes from 1 to 64.";
        }
    }
}
