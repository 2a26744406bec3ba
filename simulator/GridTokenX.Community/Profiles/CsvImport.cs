using System.Globalization;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Profiles;

/// <summary>
/// Reads CSV of one row an interval: a time, then values; comma, semicolon or tab separates. Any interval, as long as
/// it stays the same. Among them gsy-e's kinds: <c>Time,power</c> with dates, and <c>INTERVAL;POWER(W)</c> or
/// <c>INTERVAL;ENERGY(kWh)</c>, with dates or with times of one day, which repeats every day.
/// </summary>
internal sealed class CsvImport
{
    private const int MaxRows = 5_000_000;
    private const int DaySeconds = 86_400;
    private const int MaxIntervalSeconds = 7 * DaySeconds;
    private const long MicrowattsPerWatt = 1_000_000;

    /// <summary>A home's mean power; with the longest interval its energy still fits.</summary>
    private const long MaxWatts = 10_000_000;

    private static readonly char[] Separators = [';', ',', '\t'];

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

        var row = new CsvRow(header, separator);
        var column = import.ColumnOf(row, options);
        var unit = import.UnitOf(row[column], options.Unit);
        import.ReadRows(reader, row, column, options, utcOffsetHours, unit);
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
            var whole = (int)Math.Min(seconds / EpochTime.Seconds, int.MaxValue);
            return whole > 0
                ? EnergyProfile.Resample(_energies, _interval, 0, whole)
                : throw new ProfileFormatException($"{_name} is shorter than a quarter hour.");
        }

        var offset = (start.ToDateTime(TimeOnly.MinValue).Ticks / TimeSpan.TicksPerSecond) - _first;
        if (offset < 0 || offset + ((long)epochs * EpochTime.Seconds) > seconds)
        {
            throw new ProfileFormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"{_name} reaches from {TimeOf(_first):u} to {TimeOf(_first + seconds):u}, the run from {start:O} over "
                + $"{epochs / EpochTime.PerDay} days; choose a start inside, or set repeat."));
        }

        return EnergyProfile.Resample(_energies, _interval, offset, epochs);
    }

    private int ColumnOf(CsvRow header, CsvOptions options)
    {
        var names = header.Cells().ToArray();
        var first = options.Column is null
            ? 1
            : Array.FindIndex(
                names, 1, name => string.Equals(name, options.Column, StringComparison.OrdinalIgnoreCase));
        if (first < 0)
        {
            throw new ProfileFormatException(
                $"{_name}, line 1: there is no column {options.Column} after the time; there are "
                + $"{string.Join(", ", names.Skip(1))}.");
        }

        return first + options.ColumnsOn < names.Length
            ? first + options.ColumnsOn
            : throw new ProfileFormatException(
                $"{_name}, line 1: there are {names.Length - first} columns of values, and the group's home "
                + $"{options.ColumnsOn + 1} would have the next one.");
    }

    /// <summary>In brackets at the header's end, as in ENERGY(kWh).</summary>
    private string UnitOf(string header, string? wanted)
    {
        if (InBrackets(header) is not { } said)
        {
            return wanted ?? "W";
        }

        var unit = CsvOptions.Units.FirstOrDefault(
            unit => string.Equals(unit, said, StringComparison.OrdinalIgnoreCase))
            ?? throw new ProfileFormatException(
                $"{_name}, line 1: the column {header} is in {said}; that may be "
                + $"{string.Join(", ", CsvOptions.Units)}.");
        return wanted is null || wanted == unit
            ? unit
            : throw new ProfileFormatException(
                $"{_name}, line 1: the column {header} is in {said}; the scenario says {wanted}.");
    }

    /// <summary>What may be a power's or an energy's unit: up to two letters before W or Wh.</summary>
    private static string? InBrackets(string header)
    {
        var text = header.AsSpan().TrimEnd().TrimEnd(':').TrimEnd();
        var open = text.LastIndexOfAny('(', '[');
        if (open < 0 || text[^1] is not (')' or ']'))
        {
            return null;
        }

        var said = text[(open + 1)..^1].Trim().ToString();
        var hour = said.EndsWith('h') || said.EndsWith('H') ? 1 : 0;
        var watt = said.Length - hour - 1;
        return watt is >= 0 and <= 2 && said[watt] is 'w' or 'W' && said.All(char.IsLetter) ? said : null;
    }

    private void ReadRows(
        TextReader reader, CsvRow header, int column, CsvOptions options, double utcOffsetHours, string unit)
    {
        var line = 1;
        long? before = null;
        var columns = header.Columns;
        var clock = ClockOf(options, utcOffsetHours);
        var numbers = new CsvNumber(options.Decimal, header.Separator);
        var values = new List<(decimal Value, int Line)>();
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            var row = new CsvRow(text, header.Separator);
            CheckColumns(row, columns, column, line);
            var time = clock.Read(row[0], before, out var fault) ?? throw Wrong(line, fault);
            CheckOrder(time, before ?? 0, values.Count, line);
            before = time;
            values.Add((ValueOf(row[column], numbers, options.Empty, values, line), line));
            if (values.Count > MaxRows)
            {
                throw Wrong(line, $"more than {MaxRows} rows");
            }
        }

        _daily = clock.IsOfOneDay;
        Finish(values, options, unit);
    }

    private CsvClock ClockOf(CsvOptions options, double utcOffsetHours)
    {
        try
        {
            return new CsvClock(options.Zone, utcOffsetHours);
        }
        catch (ProfileFormatException exception)
        {
            throw new ProfileFormatException($"{_name}: {exception.Message}");
        }
    }

    /// <summary>A decimal comma among commas would make two columns of a number.</summary>
    private void CheckColumns(CsvRow row, int header, int column, int line)
    {
        var found = row.Columns;
        if (column >= found)
        {
            throw Wrong(line, $"has {found} columns, and the value is in column {column + 1}");
        }

        // Some programs end each line, but not the header, with a separator.
        if (found > header && (found > header + 1 || row[header].Length > 0))
        {
            throw Wrong(line, $"has {found} columns, and the header has {header}");
        }
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
            case 1 when time - previous > MaxIntervalSeconds:
                throw Wrong(line, $"{time - previous} s after the row before; an interval may have seven days");
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

    private decimal ValueOf(
        string text, CsvNumber numbers, EmptyCell empty, List<(decimal Value, int Line)> before, int line)
    {
        if (text.Length > 0)
        {
            return numbers.Read(text, out var fault) ?? throw Wrong(line, fault);
        }

        return empty switch
        {
            EmptyCell.Zero => 0,
            EmptyCell.Previous when before.Count > 0 => before[^1].Value,
            EmptyCell.Previous => throw Wrong(line, "the value is empty, and there is none before it"),
            _ => throw Wrong(line, "the value is empty; say empty: zero, or empty: previous"),
        };
    }

    private void Finish(List<(decimal Value, int Line)> values, CsvOptions options, string unit)
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

        var factor = (decimal)options.Scale * unit switch
        {
            "W" => _interval * MicrowattsPerWatt,
            "kW" => _interval * MicrowattsPerWatt * 1_000m,
            "Wh" => EnergyProfile.MicrowattSecondsPerWh,
            "kWh" => EnergyProfile.MicrowattSecondsPerWh * 1_000m,
            _ => throw new ProfileFormatException($"{_name}: there is no unit {unit}."),
        };
        _energies.EnsureCapacity(values.Count);
        foreach (var (value, line) in values)
        {
            _energies.Add(EnergyOf(value, factor, options.Part, line));
        }
    }

    /// <summary>Rounded to the microwatt-second.</summary>
    private long EnergyOf(decimal value, decimal factor, CsvPart part, int line)
    {
        if (value < 0 && part == CsvPart.All)
        {
            throw Wrong(line, string.Create(
                CultureInfo.InvariantCulture,
                $"{value} is out of range: a profile is not below 0 (the values of a net meter are, with net: true)"));
        }

        var energy = decimal.Round(value * factor);
        if (Math.Abs(energy) > MaxWatts * MicrowattsPerWatt * (decimal)_interval)
        {
            throw Wrong(line, string.Create(
                CultureInfo.InvariantCulture, $"{value} is out of range: a home has at most 10,000 kW"));
        }

        return part switch
        {
            CsvPart.Drawn => (long)Math.Max(energy, 0),
            CsvPart.Given => (long)Math.Max(-energy, 0),
            _ => (long)energy,
        };
    }

    private ProfileFormatException Wrong(int line, string what) => new($"{_name}, line {line}: {what}.");

    private static DateTime TimeOf(long seconds) => new(seconds * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
}
