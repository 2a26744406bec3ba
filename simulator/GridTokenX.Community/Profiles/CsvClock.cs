using System.Globalization;

namespace GridTokenX.Community.Profiles;

/// <summary>
/// The times of a file, as seconds of the site's standard time; a time of day counts from midnight. A time that names
/// its own offset is brought to the site's; one that names none is the site's already, or that of the clocks of a zone,
/// whose repeated hour in autumn is told by the order of the rows.
/// </summary>
internal sealed class CsvClock
{
    private static readonly string[] DayFormats = ["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF"];

    private static readonly string[] Formats =
    [
        .. from day in (string[])["yyyy-MM-dd'T'", "yyyy-MM-dd ", "dd.MM.yyyy "]
        from clock in DayFormats
        from zone in (string[])["", "K"]
        select day + clock + zone,
    ];

    private readonly double _utcOffsetHours;
    private readonly TimeZoneInfo? _zone;

    /// <exception cref="ProfileFormatException">Nobody knows the zone.</exception>
    public CsvClock(string? zone, double utcOffsetHours)
    {
        _utcOffsetHours = utcOffsetHours;
        if (zone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _zone))
        {
            throw new ProfileFormatException(
                $"There is no time zone {zone} here; zones are called as Europe/Berlin is.");
        }
    }

    /// <summary>Times without dates, of one day.</summary>
    public bool IsOfOneDay { get; private set; }

    /// <param name="text">Of the cell.</param>
    /// <param name="previous">The row before; null for the first.</param>
    /// <param name="fault">What is wrong, where the result is null.</param>
    public long? Read(string text, long? previous, out string fault)
    {
        fault = $"'{text}' is no time, such as 2026-04-01T00:15 or 00:15";
        if (TimeOnly.TryParseExact(text, DayFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock))
        {
            IsOfOneDay = IsOfOneDay || previous is null;
            return IsOfOneDay && _zone is null ? WholeSeconds(clock.Ticks, text, ref fault) : null;
        }

        if (IsOfOneDay || !DateTimeOffset.TryParseExact(
            text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return null;
        }

        var named = text.EndsWith('Z') || text.LastIndexOf('+') > 10 || text.LastIndexOf('-') > 10;
        if (named)
        {
            return WholeSeconds(SiteTicks(time.UtcTicks), text, ref fault);
        }

        return _zone is null
            ? WholeSeconds(time.DateTime.Ticks, text, ref fault)
            : OfZone(_zone, time.DateTime, text, previous, ref fault);
    }

    private long? OfZone(TimeZoneInfo zone, DateTime local, string text, long? previous, ref string fault)
    {
        var wall = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(wall))
        {
            fault = $"{text} is never on the clocks of {zone.Id}: they go forward";
            return null;
        }

        if (!zone.IsAmbiguousTime(wall))
        {
            return WholeSeconds(SiteTicks((wall - zone.GetUtcOffset(wall)).Ticks), text, ref fault);
        }

        // The larger offset is summer's, which is first; who comes after it is the second one.
        var offsets = zone.GetAmbiguousTimeOffsets(wall);
        var first = WholeSeconds(SiteTicks((wall - offsets.Max()).Ticks), text, ref fault);
        return first is null || previous is null || first > previous
            ? first
            : WholeSeconds(SiteTicks((wall - offsets.Min()).Ticks), text, ref fault);
    }

    private long SiteTicks(long utcTicks) => utcTicks + TimeSpan.FromHours(_utcOffsetHours).Ticks;

    private static long? WholeSeconds(long ticks, string text, ref string fault)
    {
        if (ticks % TimeSpan.TicksPerSecond == 0)
        {
            return ticks / TimeSpan.TicksPerSecond;
        }

        fault = $"'{text}' is not on a whole second";
        return null;
    }
}
