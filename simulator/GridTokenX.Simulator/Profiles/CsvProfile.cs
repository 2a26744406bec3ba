using System.Globalization;

namespace GridTokenX.Simulator.Profiles;

/// <summary>A profile file is not as it must be; the message names file and line.</summary>
public sealed class ProfileException(string message) : Exception(message);

/// <summary>
/// A CSV file of mean powers: header <c>Time,power</c>, then ISO time (UTC when it names no zone) and watts of the
/// interval that starts there. The interval is the distance of the first two lines and must hold throughout.
/// </summary>
internal sealed class CsvProfile
{
    /// <summary>What a meter may count in a quarter hour, 100 kWh, as a power.</summary>
    public const int MaxWatts = 400_000;

    private const string Header = "Time,power";
    private const int MaxRows = 5_000_000;

    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFK", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ssK",
    ];

    private readonly long[] _microwatts;

    private CsvProfile(string name, DateTimeOffset first, TimeSpan interval, long[] microwatts)
    {
        Name = name;
        First = first;
        Interval = interval;
        _microwatts = microwatts;
    }

    public string Name { get; }

    public DateTimeOffset First { get; }

    public TimeSpan Interval { get; }

    /// <summary>Where the last interval ends.</summary>
    public DateTimeOffset End => First + (Interval * _microwatts.Length);

    /// <exception cref="ProfileException">The file is not as it must be.</exception>
    public static CsvProfile Load(string path, string name, decimal scale)
    {
        using var reader = new StreamReader(path);
        return Parse(reader, name, scale);
    }

    public static CsvProfile Parse(TextReader reader, string name, decimal scale)
    {
        if (reader.ReadLine()?.Trim() is not Header)
        {
            throw new ProfileException($"{name}, line 1: the header must be {Header}.");
        }

        var microwatts = new List<long>();
        DateTimeOffset first = default;
        var interval = TimeSpan.Zero;
        var line = 1;
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (text.Length == 0 && reader.Peek() < 0)
            {
                break;
            }

            var (time, power) = ParseLine(text, name, line, scale);
            if (microwatts.Count == 0)
            {
                first = time;
            }
            else if (microwatts.Count == 1)
            {
                interval = CheckedInterval(time - first, name, line);
            }

            if (time != first + (interval * microwatts.Count))
            {
                throw new ProfileException(
                    $"{name}, line {line}: {text.Split(',')[0]} does not follow the line before by {interval}.");
            }

            microwatts.Add(power);
            if (microwatts.Count > MaxRows)
            {
                throw new ProfileException($"{name}: more than {MaxRows} lines.");
            }
        }

        return microwatts.Count >= 2
            ? new CsvProfile(name, first, interval, [.. microwatts])
            : throw new ProfileException($"{name}: at least two lines of values are needed.");
    }

    /// <summary>True when an interval begins at this time.</summary>
    public bool HasIntervalAt(DateTimeOffset time) =>
        time >= First && time < End && (time - First).Ticks % Interval.Ticks == 0;

    /// <summary>The quarter hours from a time on; the caller has made sure that they exist.</summary>
    public IPowerProfile From(DateTimeOffset start, int quarters)
    {
        var energies = new long[quarters];
        for (var quarter = 0; quarter < quarters; quarter++)
        {
            energies[quarter] = QuarterEnergy(start + (Quarter.Length * quarter));
        }

        return new Slice(Name, energies);
    }

    private long QuarterEnergy(DateTimeOffset start)
    {
        var index = (int)((start - First).Ticks / Interval.Ticks);
        if (Interval >= Quarter.Length)
        {
            return _microwatts[index] * Quarter.Seconds;
        }

        var perQuarter = (int)(Quarter.Length.Ticks / Interval.Ticks);
        var sum = 0L;
        for (var i = 0; i < perQuarter; i++)
        {
            sum += _microwatts[index + i] * (long)Interval.TotalSeconds;
        }

        return sum;
    }

    private static (DateTimeOffset Time, long Microwatts) ParseLine(string text, string name, int line, decimal scale)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || text.IndexOf(',', comma + 1) >= 0)
        {
            throw new ProfileException($"{name}, line {line}: two columns are needed, time and power.");
        }

        if (!DateTimeOffset.TryParseExact(
            text.AsSpan(0, comma).Trim(),
            TimeFormats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time))
        {
            throw new ProfileException($"{name}, line {line}: '{Shown(text[..comma])}' is not an ISO time.");
        }

        return (time, ParsePower(text[(comma + 1)..], name, line, scale));
    }

    private static long ParsePower(string text, string name, int line, decimal scale)
    {
        const NumberStyles Form = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign
            | NumberStyles.AllowExponent | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
        if (!decimal.TryParse(text, Form, CultureInfo.InvariantCulture, out var watts))
        {
            throw new ProfileException($"{name}, line {line}: '{Shown(text)}' is not a number of watts.");
        }

        if (watts < 0)
        {
            throw new ProfileException($"{name}, line {line}: {watts} W is negative.");
        }

        // Compared by division, which cannot overflow.
        if (scale > 0 && watts > MaxWatts / scale)
        {
            throw new ProfileException(
                $"{name}, line {line}: {Shown(text)} W × {scale} is more than the {MaxWatts / 1000} kW of a meter.");
        }

        return (long)decimal.Round(watts * scale * 1_000_000m, MidpointRounding.AwayFromZero);
    }

    private static TimeSpan CheckedInterval(TimeSpan interval, string name, int line)
    {
        var fits = interval > TimeSpan.Zero
            && interval.Ticks % TimeSpan.TicksPerSecond == 0
            && (Quarter.Length.Ticks % interval.Ticks == 0 || interval.Ticks % Quarter.Length.Ticks == 0);
        return fits
            ? interval
            : throw new ProfileException(
                $"{name}, line {line}: an interval of {interval} neither divides a quarter hour nor is made of them.");
    }

    private static string Shown(string text) => text.Length <= 40 ? text.Trim() : text[..40].Trim() + "…";

    private sealed class Slice(string name, long[] energies) : IPowerProfile
    {
        public string Name => name;

        public long MicrowattSeconds(int quarter) => energies[quarter];
    }
}
