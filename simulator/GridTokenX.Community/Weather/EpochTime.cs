namespace GridTokenX.Community.Weather;

internal enum DayKind
{
    None = 0,
    Saturday,
    Sunday,
    Workday,
}

/// <summary>What the calendar says of one quarter hour, in the site's standard time.</summary>
internal readonly record struct EpochTime
{
    public const int PerDay = 96;
    public const int Seconds = 900;

    /// <summary>Epochs since the run began.</summary>
    public required long Epoch { get; init; }

    /// <summary>Days since the run began.</summary>
    public required int Day { get; init; }

    public required int Quarter { get; init; }

    /// <summary>1 to 12.</summary>
    public required int Month { get; init; }

    /// <summary>From 1.</summary>
    public required int DayOfYear { get; init; }

    public required DayKind Kind { get; init; }

    /// <summary>Days between 1 January 2000, 12:00 UTC, and the middle of the quarter hour.</summary>
    public required double DaysSinceJ2000 { get; init; }

    /// <summary>Local hour of the middle of the quarter hour.</summary>
    public double Hour => (Quarter + 0.5) / 4;

    public static EpochTime At(DateOnly start, long epoch, double utcOffsetHours)
    {
        var day = (int)(epoch / PerDay);
        var quarter = (int)(epoch % PerDay);
        var date = start.AddDays(day);
        var days = date.DayNumber - new DateOnly(2000, 1, 1).DayNumber - 0.5;
        return new EpochTime
        {
            Epoch = epoch,
            Day = day,
            Quarter = quarter,
            Month = date.Month,
            DayOfYear = date.DayOfYear,
            Kind = date.DayOfWeek switch
            {
                DayOfWeek.Saturday => DayKind.Saturday,
                DayOfWeek.Sunday => DayKind.Sunday,
                _ => DayKind.Workday,
            },
            DaysSinceJ2000 = days + ((((quarter + 0.5) / 4) - utcOffsetHours) / 24),
        };
    }
}
