using GridTokenX.Community.Numerics;

namespace GridTokenX.Community.Weather;

/// <summary>What all homes of a site share in one quarter hour.</summary>
internal readonly record struct EpochWeather(
    SolarPosition Sun, Irradiance Sky, double ClearSkyIndex, double TemperatureC, double WindMs);

/// <summary>
/// A site's weather, epoch by epoch. Clouds: each day is clear, mixed or overcast, kept from the day before with
/// probability 0.6 and otherwise drawn with the month's shares ((1−c)², 2c(1−c), c² of cloudiness c); within the day
/// the clear-sky index is a first-order autoregression around the kind's mean. Temperature: a yearly and a daily
/// cosine and an autoregression of days. Wind: an autoregression of quarter hours, its normal values mapped to a
/// Weibull distribution. The constants of the clouds, of the memories and of the spreads are ours; what comes of them
/// is tested against a year's published irradiation. All of it follows from the seed.
/// </summary>
internal sealed class WeatherProcess(Site site, DateOnly start, long seed)
{
    private const double KeepsKind = 0.6;
    private const double IndexMemory = 0.85;
    private const double WindMemory = 0.97;
    private const double DayMemory = 0.7;
    private const double DaySpreadC = 1.6;

    private static readonly double[] KindMean = [0.99, 0.72, 0.34];
    private static readonly double[] KindSpread = [0.02, 0.20, 0.11];

    private readonly Draws _draws = Draws.For(seed, "weather");
    private readonly double _pressureShare = Real.Exp(-site.AltitudeM / 8434.5);
    private int _day = -1;
    private int _kind;
    private double _index;
    private double _wind;
    private double _warmth;

    public Site Site => site;

    /// <summary>Epochs must come one after the other, from 0.</summary>
    public EpochWeather Next(in EpochTime time)
    {
        if (time.Day != _day)
        {
            NewDay(time);
        }

        _index = (IndexMemory * _index) + (InnovationOf(IndexMemory) * _draws.Normal(time.Epoch, 0));
        _wind = (WindMemory * _wind) + (InnovationOf(WindMemory) * _draws.Normal(time.Epoch, 2));
        var index = Math.Clamp(KindMean[_kind] + (KindSpread[_kind] * _index), 0.06, 1.05);
        var sun = SolarPosition.At(time.DaysSinceJ2000, site.Latitude, site.Longitude);
        var sky = ClearSky(sun, time.DayOfYear).Behind(index, sun.CosZenith);
        return new EpochWeather(sun, sky, index, Temperature(time), Wind());
    }

    public Irradiance ClearSky(in SolarPosition sun, int dayOfYear)
    {
        if (sun.CosZenith <= 0.01)
        {
            return Irradiance.Night;
        }

        var airMass = Irradiance.AirMass(sun.ZenithDegrees) * _pressureShare;
        return Irradiance.Clear(
            sun.CosZenith, airMass, site.Turbidity, site.AltitudeM, Irradiance.ExtraterrestrialOn(dayOfYear));
    }

    /// <summary>The start of the run, local date.</summary>
    public EpochTime TimeOf(long epoch) => EpochTime.At(start, epoch, site.UtcOffsetHours);

    private void NewDay(in EpochTime time)
    {
        var first = _day < 0;
        _day = time.Day;
        var cloudiness = site.Cloudiness[time.Month - 1];
        if (first || _draws.Unit(time.Epoch, 4) >= KeepsKind)
        {
            _kind = KindAt(_draws.Unit(time.Epoch, 5), cloudiness);
        }

        _warmth = (DayMemory * _warmth) + (DaySpreadC * InnovationOf(DayMemory) * _draws.Normal(time.Epoch, 6));
    }

    /// <summary>0 clear, 1 mixed, 2 overcast.</summary>
    private static int KindAt(double share, double cloudiness)
    {
        if (share < (1 - cloudiness) * (1 - cloudiness))
        {
            return 0;
        }

        return share < 1 - (cloudiness * cloudiness) ? 1 : 2;
    }

    private double Temperature(in EpochTime time) =>
        site.MeanTemperatureC
        + (site.YearAmplitudeC * Real.Cos(2 * Real.Pi * (time.DayOfYear - site.WarmestDayOfYear) / 365.25))
        + (site.DayAmplitudeC * Real.Cos(2 * Real.Pi * (time.Hour - 15) / 24))
        + _warmth;

    private double Wind() => Weibull.Quantile(
        Real.NormalCdf(_wind), Weibull.ScaleOf(site.MeanWindMs, site.WeibullShape), site.WeibullShape);

    private static double InnovationOf(double memory) => Math.Sqrt(1 - (memory * memory));
}
