namespace GridTokenX.Market.Clearing;

/// <summary>A quarter hour of the market, [Start, End), aligned to the hour in UTC.</summary>
public readonly record struct MarketEpoch
{
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(15);

    private MarketEpoch(DateTimeOffset start) => Start = start;

    public DateTimeOffset Start { get; }

    public DateTimeOffset End => Start + Length;

    /// <summary>YYYYMMDDHHMM of the start.</summary>
    public long Number
    {
        get
        {
            var day = (((Start.Year * 100L) + Start.Month) * 100) + Start.Day;
            return (((day * 100) + Start.Hour) * 100) + Start.Minute;
        }
    }

    public MarketEpoch Next => new(End);

    /// <summary>The epoch that the instant lies in.</summary>
    public static MarketEpoch At(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        return new MarketEpoch(new DateTimeOffset(ticks - (ticks % Length.Ticks), TimeSpan.Zero));
    }
}
