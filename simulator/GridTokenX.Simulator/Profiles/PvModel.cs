namespace GridTokenX.Simulator.Profiles;

/// <summary>
/// A roof's yield: a clear-sky half sine between sunrise and sunset of a summer day, dimmed by the neighbourhood's
/// clouds.
/// </summary>
internal sealed class PvModel : IPowerProfile
{
    private const int SunriseQuarter = 22; // 05:30
    private const int SunsetQuarter = 82; // 20:30

    private readonly long[] _microwattSeconds;

    public PvModel(long seed, int home, int quarters)
    {
        var random = SeededRandom.For(seed, "pv", home);
        var peakW = random.Between(2_000, 5_000);
        var clouds = Clouds(seed, quarters);
        _microwattSeconds = new long[quarters];
        for (var quarter = 0; quarter < quarters; quarter++)
        {
            var shadePermille = random.Between(950, 1000);
            var microwatts = peakW * SunPermille(quarter % Quarter.PerDay) * clouds[quarter] / 1_000 * shadePermille;
            _microwattSeconds[quarter] = microwatts * Quarter.Seconds;
        }
    }

    public string Name => "model";

    public long MicrowattSeconds(int quarter) => _microwattSeconds[quarter];

    /// <summary>
    /// Height of the sun in the middle of a quarter hour, by Bhaskara's rational approximation of the sine (error below
    /// 0.2 %), which needs whole numbers only.
    /// </summary>
    internal static long SunPermille(int quarterOfDay)
    {
        if (quarterOfDay is < SunriseQuarter or >= SunsetQuarter)
        {
            return 0;
        }

        // Tenths of a degree, 0–1800, at the middle of the quarter hour.
        var angle = ((2L * (quarterOfDay - SunriseQuarter)) + 1) * 1800 / (2 * (SunsetQuarter - SunriseQuarter));
        var product = angle * (1800 - angle);
        return 4_000 * product / (4_050_000 - product);
    }

    /// <summary>
    /// How much of the clear sky gets through, permille: one walk for all homes, since they share the sky.
    /// </summary>
    private static long[] Clouds(long seed, int quarters)
    {
        var random = SeededRandom.For(seed, "clouds");
        var clouds = new long[quarters];
        var clear = random.Between(600, 950);
        for (var quarter = 0; quarter < quarters; quarter++)
        {
            clear = Math.Clamp(clear + random.Between(-120, 120), 250, 1_000);
            clouds[quarter] = clear;
        }

        return clouds;
    }
}
