using System.Globalization;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Devices;

internal enum Occupancy
{
    None = 0,

    /// <summary>The preset's own curve.</summary>
    Mixed,

    /// <summary>Away on workdays: 9 to 17 o'clock at 60 %, the rest of the day takes it up.</summary>
    Working,

    /// <summary>At home on workdays: 9 to 17 o'clock at 130 %, the rest of the day gives it.</summary>
    Home,
}

/// <summary>
/// How a household's energy spreads over a year: a mean power for each month, kind of day and quarter hour, for 1 kWh
/// a year. <c>european_household</c>: the standard load profile H25 of BDEW (Germany, 2025) with its day-of-year
/// factor. <c>thai_household</c>: built up from the shares of 13 kinds of appliances in Thai households' electricity
/// (K. Poolsawat et al., Energy Reports 6 (2020) 337–343, survey of 7,192 households) and our own hours of use.
/// </summary>
internal sealed class LoadShape
{
    public const string European = "european_household";
    public const string Thai = "thai_household";
    public const string ThaiWithoutCooling = "thai_household_without_cooling";

    private const int Kinds = 3;
    private const int AwayFrom = 36;
    private const int AwayTo = 68;

    private readonly double[] _watts;
    private readonly bool _hasDayFactor;

    private LoadShape(double[] watts, bool hasDayFactor, Occupancy occupancy)
    {
        _watts = watts;
        _hasDayFactor = hasDayFactor;
        if (occupancy is Occupancy.Working or Occupancy.Home)
        {
            Shift(occupancy == Occupancy.Working ? 0.6 : 1.3);
        }
    }

    public static IReadOnlyList<string> Presets { get; } = [Thai, ThaiWithoutCooling, European];

    public static LoadShape Of(string preset, Occupancy occupancy) => preset switch
    {
        European => new LoadShape(ReadH25(), hasDayFactor: true, occupancy),
        Thai => new LoadShape(ThaiAppliances.Watts(cooling: true), hasDayFactor: false, occupancy),
        ThaiWithoutCooling => new LoadShape(ThaiAppliances.Watts(cooling: false), hasDayFactor: false, occupancy),
        _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, "There is no such load."),
    };

    /// <summary>Mean power of the quarter hour, W, of a home that uses 1 kWh a year.</summary>
    public double Watts(in EpochTime time, int quarter) =>
        _watts[Place(time.Month, time.Kind, quarter)] * (_hasDayFactor ? DayFactor(time.DayOfYear) : 1);

    /// <summary>VDEW (1999), kept for H25: winter days need more than summer days.</summary>
    public static double DayFactor(int day)
    {
        double t = day;
        return (((((((-3.92e-10 * t) + 3.2e-7) * t) - 7.02e-5) * t) + 2.1e-3) * t) + 1.24;
    }

    internal static int Place(int month, DayKind kind, int quarter) =>
        ((((month - 1) * Kinds) + (int)kind - 1) * EpochTime.PerDay) + quarter;

    internal static double[] NewTable() => new double[Site.Months * Kinds * EpochTime.PerDay];

    /// <summary>Moves a workday's energy into or out of the working hours; the day's sum stays.</summary>
    private void Shift(double factor)
    {
        for (var month = 1; month <= Site.Months; month++)
        {
            var day = _watts.AsSpan(Place(month, DayKind.Workday, 0), EpochTime.PerDay);
            double away = 0;
            double all = 0;
            for (var quarter = 0; quarter < EpochTime.PerDay; quarter++)
            {
                all += day[quarter];
                away += quarter is >= AwayFrom and < AwayTo ? day[quarter] : 0;
            }

            var rest = (all - (away * factor)) / (all - away);
            for (var quarter = 0; quarter < EpochTime.PerDay; quarter++)
            {
                day[quarter] *= quarter is >= AwayFrom and < AwayTo ? factor : rest;
            }
        }
    }

    /// <summary>Wh a quarter hour of 10^6 kWh a year; four of them make a power, and 10^6 a home of 1 kWh.</summary>
    private static double[] ReadH25()
    {
        var table = NewTable();
        using var stream = typeof(LoadShape).Assembly.GetManifestResourceStream("h25.csv")
            ?? throw new InvalidOperationException("The profile H25 is not in the program.");
        using var reader = new StreamReader(stream);
        var quarter = 0;
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            var values = line.Split(',');
            for (var column = 0; column < values.Length; column++)
            {
                var wh = long.Parse(values[column], CultureInfo.InvariantCulture);
                table[Place((column / Kinds) + 1, (DayKind)((column % Kinds) + 1), quarter)] = wh * 4 / 1_000_000.0;
            }

            quarter++;
        }

        return table;
    }
}
