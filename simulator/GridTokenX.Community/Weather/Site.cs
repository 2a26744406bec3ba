namespace GridTokenX.Community.Weather;

/// <summary>
/// A place and its climate. The presets' figures are ours: rounded long-term means of temperature and wind, and
/// cloudiness set so that a year's irradiation is the Global Solar Atlas' one (a test says how nearly).
/// </summary>
internal sealed record Site
{
    public const int Months = 12;

    public required string Name { get; init; }

    /// <summary>Degrees, north positive.</summary>
    public required double Latitude { get; init; }

    /// <summary>Degrees, east positive.</summary>
    public required double Longitude { get; init; }

    public required double AltitudeM { get; init; }

    /// <summary>Standard time, all year.</summary>
    public required double UtcOffsetHours { get; init; }

    /// <summary>Linke turbidity: 2 is very clear air, 5 is haze.</summary>
    public required double Turbidity { get; init; }

    /// <summary>0 always clear to 1 always overcast, by month.</summary>
    public required IReadOnlyList<double> Cloudiness { get; init; }

    public required double MeanTemperatureC { get; init; }

    /// <summary>Half of the difference between the warmest and the coldest time of the year.</summary>
    public required double YearAmplitudeC { get; init; }

    public required int WarmestDayOfYear { get; init; }

    /// <summary>Half of the difference between day and night.</summary>
    public required double DayAmplitudeC { get; init; }

    /// <summary>Mean at 10 m above ground, m/s.</summary>
    public required double MeanWindMs { get; init; }

    /// <summary>Of the Weibull distribution of its quarter hours.</summary>
    public double WeibullShape { get; init; } = Weibull.Rayleigh;

    public static IReadOnlyDictionary<string, Site> Presets { get; } = new Site[]
    {
        new()
        {
            Name = "bangkok", Latitude = 13.756, Longitude = 100.502, AltitudeM = 4, UtcOffsetHours = 7,
            Turbidity = 4.5,
            Cloudiness = [0.26, 0.28, 0.31, 0.34, 0.50, 0.53, 0.55, 0.57, 0.58, 0.48, 0.33, 0.26],
            MeanTemperatureC = 28.6, YearAmplitudeC = 1.8, WarmestDayOfYear = 110, DayAmplitudeC = 4.2,
            MeanWindMs = 2.4,
        },
        new()
        {
            Name = "chiang_mai", Latitude = 18.788, Longitude = 98.985, AltitudeM = 310, UtcOffsetHours = 7,
            Turbidity = 4.2, Cloudiness = [0.20, 0.20, 0.28, 0.35, 0.52, 0.59, 0.63, 0.64, 0.57, 0.44, 0.29, 0.22],
            MeanTemperatureC = 26.3, YearAmplitudeC = 3.6, WarmestDayOfYear = 112, DayAmplitudeC = 5.6,
            MeanWindMs = 1.6,
        },
        new()
        {
            Name = "berlin", Latitude = 52.520, Longitude = 13.405, AltitudeM = 34, UtcOffsetHours = 1, Turbidity = 3.2,
            Cloudiness = [0.75, 0.70, 0.63, 0.53, 0.50, 0.50, 0.50, 0.48, 0.52, 0.61, 0.74, 0.77],
            MeanTemperatureC = 10.3, YearAmplitudeC = 9.8, WarmestDayOfYear = 201, DayAmplitudeC = 3.8,
            MeanWindMs = 3.9,
        },
        new()
        {
            Name = "madrid", Latitude = 40.417, Longitude = -3.704, AltitudeM = 657, UtcOffsetHours = 1,
            Turbidity = 3.4,
            Cloudiness = [0.33, 0.32, 0.30, 0.30, 0.28, 0.20, 0.12, 0.13, 0.21, 0.29, 0.33, 0.34],
            MeanTemperatureC = 15.0, YearAmplitudeC = 9.8, WarmestDayOfYear = 204, DayAmplitudeC = 5.8,
            MeanWindMs = 2.7,
        },
    }.ToDictionary(static site => site.Name, StringComparer.Ordinal);
}
