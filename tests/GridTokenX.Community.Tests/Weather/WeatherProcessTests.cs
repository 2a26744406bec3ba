using GridTokenX.Community.Devices;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Tests.Weather;

public sealed class WeatherProcessTests
{
    private const int Year = 365 * EpochTime.PerDay;

    /// <summary>
    /// Long-term means: global horizontal irradiation of the Global Solar Atlas (World Bank, Solargis), about 1,050 in
    /// Berlin, 1,750 in Bangkok, 1,720 in Madrid; yield of 1 kWp at the best tilt about 1,000, 1,400 and 1,600 kWh.
    /// </summary>
    [Theory]
    [InlineData("berlin", 35, 1_050, 1_000)]
    [InlineData("bangkok", 15, 1_750, 1_400)]
    [InlineData("madrid", 35, 1_720, 1_600)]
    public void A_year_s_sun_is_the_place_s(string name, double tilt, double irradiation, double yield)
    {
        var roof = new PvArray(new PvOptions(1, tilt, 180, 0));
        double global = 0;
        long wh = 0;
        foreach (var (_, weather) in OneYear(name))
        {
            global += weather.Sky.Global / 4_000;
            wh += roof.Step(weather);
        }

        global.ShouldBe(irradiation, irradiation * 0.1);
        (wh / 1_000.0).ShouldBe(yield, yield * 0.12);
    }

    [Theory]
    [InlineData("berlin")]
    [InlineData("chiang_mai")]
    public void Temperature_and_wind_have_the_place_s_means(string name)
    {
        var year = OneYear(name).ToArray();
        var site = Site.Presets[name];
        year.Average(static epoch => epoch.Weather.TemperatureC).ShouldBe(site.MeanTemperatureC, 0.7);
        year.Average(static epoch => epoch.Weather.WindMs).ShouldBe(site.MeanWindMs, site.MeanWindMs * 0.15);
        year.MaxBy(static epoch => epoch.Weather.TemperatureC).Time.Hour.ShouldBe(15, 3);
    }

    [Fact]
    public void Same_seed_gives_the_same_weather_and_another_seed_another()
    {
        var one = OneYear("bangkok").Take(2_000).Select(static epoch => epoch.Weather).ToArray();
        OneYear("bangkok").Take(2_000).Select(static epoch => epoch.Weather).ShouldBe(one);
        OneYear("bangkok", 2).Take(2_000).Select(static epoch => epoch.Weather).ShouldNotBe(one);
    }

    [Fact]
    public void Nights_are_dark_and_no_hour_is_brighter_than_the_sun()
    {
        foreach (var (_, weather) in OneYear("madrid"))
        {
            (weather.Sun.CosZenith <= 0 && weather.Sky.Global > 0).ShouldBeFalse();
            weather.Sky.Global.ShouldBeInRange(0, 1_250);
        }
    }

    [Fact]
    public void Calendar_is_the_site_s_own()
    {
        var time = EpochTime.At(new DateOnly(2026, 4, 3), 96 + 40, 7);
        time.Kind.ShouldBe(DayKind.Saturday);
        time.Month.ShouldBe(4);
        time.DayOfYear.ShouldBe(94);
        time.Quarter.ShouldBe(40);
        var utc = new DateTimeOffset(2000, 1, 1, 12, 0, 0, TimeSpan.Zero).AddDays(time.DaysSinceJ2000);
        utc.ShouldBe(new DateTimeOffset(2026, 4, 4, 3, 7, 30, TimeSpan.Zero), TimeSpan.FromSeconds(1));
    }

    private static IEnumerable<(EpochTime Time, EpochWeather Weather)> OneYear(string site, long seed = 1)
    {
        var process = new WeatherProcess(Site.Presets[site], new DateOnly(2026, 1, 1), seed);
        for (var epoch = 0; epoch < Year; epoch++)
        {
            var time = process.TimeOf(epoch);
            yield return (time, process.Next(time));
        }
    }
}
