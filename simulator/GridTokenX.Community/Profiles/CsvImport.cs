using System.Globalization;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Profiles;

/// <summary>A profile file is not as it must be; the message names file and line.</summary>
public sealed class ProfileFormatException(string message) : Exception(message);

/// <summary>How a file of measured powers or energies is read.</summary>
/// <param name="Column">The header of the value's column; null for the first one after the time.</param>
/// <param name="Unit">W, kW, Wh or kWh; an energy is that of the whole interval.</param>
/// <param name="Repeat">The file's beginning is the run's beginning, and after its end it begins again.</param>
internal sealed record CsvOptions(string? Column, string Unit, double Scale, bool Repeat)
{
    public static IReadOnlyList<string> Units { get; } = ["W", "kW", "Wh", "kWh"];
}

/// <summary>
/// Reads CSV of one row an interval: a time, then values; comma, semicolon or tab, a decimal comma where the semicolon
/// separates. Any interval, as long as it stays the same. Among them gsy-e's two kinds: <c>Time,power</c> with dates,
/// and <c>INTERVAL;POWER(W)</c> with times of one day, which repeats every day.
/// </summary>
internal sealed class CsvImport
{
    private const int MaxRows = 5_000_000;
    private const int DaySeconds = 86_400;

    private static readonly char[] Separators = [';', ',', '\t'];

    private static readonly string[] DateFormats =
    [
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd HH:mm:ssK", "dd.MM.yyyy HH:mm",
        "dd.MM.yyyy HH:mm:ss",
    ];

    private readonly string _name;
    private readonly List<long> _energies = [];
    private long _first;
    private long _interval;
    private bool _daily;

    private CsvImport(string name) => _name = name;

    /// <summary>Seconds; all rows' distance.</summary>
    public long IntervalSeconds => _interval;

    public int Rows => _energies.Count;

    /// <exception cref="ProfileFormatException">The file is not as it must be.</exception>
    public static CsvImport Read(TextReader reader, string name, CsvOptions options, double utcOffsetHours)
    {
        var import = new CsvImport(name);
        var header = reader.ReadLine() ?? throw new ProfileFormatException($"{name} is empty.");
        var separator = Array.Find(Separators, header.Contains);
        if (separator == default)
        {
            throw new ProfileFormatException(
                $"{name}, line 1: no comma, semicolon or tab separates the time from a value.");
        }

        var column = import.ColumnOf(header.Split(separator), options.Column);
        import.ReadRows(reader, separator, column, options, utcOffsetHours);
        return import;
    }

    /// <summary>The energy of a run's epochs.</summary>
    /// <exception cref="ProfileFormatException">The file does not reach over the run.</exception>
    public EnergyProfile ForRun(DateOnly start, int epochs, bool repeat)
    {
        if (_daily)
        {
            return EnergyProfile.Resample(_energies, _interval, 0, EpochTime.PerDay);
        }

        var seconds = _energies.Count * _interval;
        if (repeat)
        {
            var whole = (int)(seconds / EpochTime.Seconds);
            return whole > 0
                ? EnergyProfile.Resample(_energies, _interval, 0, whole)
                : throw new ProfileFormatException($"{_name} is shorter than a quarter hour.");
        }

        var offset = SecondsOf(start.ToDateTime(TimeOnly.MinValue)) - _first;
        if (offset < 0 || offset + ((long)epochs * EpochTime.Seconds) > seconds)
        {
            throw new ProfileFormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"{_name} reaches from {TimeOf(_first):u} to {TimeOf(_first + seconds):u}, the run from {start:O} over "
                + $"{epochs / EpochTime.PerDay} days; choose a start inside, or set repeat."));
        }

        return EnergyProfile.Resample(_energies, _interval, offset, epochs);
    }

    private int ColumnOf(string[] header, string? wanted)
    {
        if (wanted is null)
        {
            return 1;
        }

        var column = Array.FindIndex(header, name => string.Equals(
            name.Trim().Trim('"'), wanted, StringComparison.OrdinalIgnoreCase));
        return column > 0
            ? column
            : throw new ProfileFormatException(
                $"{_name}, line 1: there is no column {wanted} after the time; there are "
                + $"{string.Join(", ", header.Skip(1).Select(static name => name.Trim()))}.");
    }

    private void ReadRows(
        TextReader reader, char separator, int column, CsvOptions options, double utcOffsetHours)
    {
        var line = 1;
        long second = 0;
        var values = new List<decimal>();
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            var parts = text.Split(separator);
            var time = TimeOf(parts[0].Trim().Trim('"'), line, utcOffsetHours);
            CheckOrder(time, second, values.Count, line);
            second = time;
            values.Add(column < parts.Length
                ? ValueOf(parts[column].Trim().Trim('"'), separator, line)
                : throw Wrong(line, $"has {parts.Length} columns, and the value is in column {column + 1}"));
            if (values.Count > MaxRows)
            {
                throw Wrong(line, $"more than {MaxRows} rows");
            }
        }

        Finish(values, options);
    }

    private void CheckOrder(long time, long previous, int rows, int line)
    {
        switch (rows)
        {
            case 0:
                _first = time;
                break;
            case 1 when time <= previous:
                throw Wrong(line, "the time does not grow");
            case 1:
                _interval = time - previous;
                break;
            default:
                if (time - previous != _interval)
                {
                    throw Wrong(line, $"{time - previous} s after the row before; the file began with {_interval} s");
                }

                break;
        }
    }

    private void Finish(List<decimal> values, CsvOptions options)
    {
        if (values.Count < 2)
        {
            throw new ProfileFormatException($"{_name}: at least two rows are needed to know the interval.");
        }

        if (_daily && values.Count * _interval != DaySeconds)
        {
            throw new ProfileFormatException(
                $"{_name}: times without a date must fill one day; {values.Count} rows of {_interval} s do not.");
        }

        var factor = (decimal)options.Scale * options.Unit switch
        {
            "W" => _interval * 1_000_000m,
            "kW" => _interval * 1_000_000_000m,
            "Wh" => EnergyProfile.MicrowattSecondsPerWh,
            "kWh" => EnergyProfile.MicrowattSecondsPerWh * 1_000m,
            _ => throw new ProfileFormatException($"{_name}: there is no unit {options.Unit}."),
        };
        _energies.EnsureCapacity(values.Count);
        foreach (var value in values)
        {
            _energies.Add((long)decimal.Round(value * factor));
        }
    }

    /// <summary>Seconds in the site's standard time; a time of day counts from midnight.</summary>
    private long TimeOf(string text, int line, double utcOffsetHours)
    {
        if (TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out
            var clock))
        {
            _daily = true;
            return (long)clock.ToTimeSpan().TotalSeconds;
        }

        if (_daily || !DateTimeOffset.TryParseExact(
            text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            throw Wrong(line, $"'{text}' is no time, such as 2026-04-01T00:15 or 00:15");
        }

        // A time that names its zone is brought to the site's; one that names none is the site's already.
        var named = text.EndsWith('Z') || text.LastIndexOf('+') > 10 || text.LastIndexOf('-') > 10;
        return SecondsOf(named ? time.UtcDateTime.AddHours(utcOffsetHours) : time.DateTime);
    }

    private decimal ValueOf(string text, char separator, int line)
    {
        var plain = separator == ',' ? text : text.Replace(',', '.');
        const NumberStyles Form = NumberStyles.Float;
        if (!decimal.TryParse(plain, Form, CultureInfo.InvariantCulture, out var value))
        {
            throw Wrong(line, $"'{text}' is no number");
        }

        return value is >= 0 and <= 10_000_000
            ? value
            : throw Wrong(line, $"{text} is out of range: a profile goes from 0 to 10,000,000");
    }

    private ProfileFormatException Wrong(int line, string what) => new($"{_name}, line {line}: {what}.");

    private static long SecondsOf(DateTime time) => time.Ticks / TimeSpan.TicksPerSecond;

    private static DateTime TimeOf(long seconds) => new(seconds * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
}
