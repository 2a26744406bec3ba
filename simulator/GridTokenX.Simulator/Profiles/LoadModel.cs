namespace GridTokenX.Simulator.Profiles;

/// <summary>
/// A household's load: a daily curve of its own size, noise each quarter hour, and now and then an oven or a kettle.
/// </summary>
internal sealed class LoadModel : IPowerProfile
{
    /// <summary>
    /// Mean power of an average household by the hour, W: about 8 kWh a day, with peaks at breakfast and in the
    /// evening.
    /// </summary>
    private static readonly int[] HourlyW =
    [
        180, 160, 150, 150, 150, 170, 260, 420, 380, 300, 280, 320,
        380, 320, 280, 280, 340, 520, 680, 720, 640, 480, 340, 240,
    ];

    private readonly long[] _microwattSeconds;

    public LoadModel(long seed, int home, int quarters)
    {
        var random = SeededRandom.For(seed, "load", home);
        var sizePermille = random.Between(700, 1400);
        _microwattSeconds = new long[quarters];
        for (var quarter = 0; quarter < quarters; quarter++)
        {
            var hour = quarter % Quarter.PerDay / 4;
            var noisePermille = random.Between(700, 1300);
            var appliancesW = random.OnceIn(24) && hour is >= 7 and <= 22 ? random.Between(800, 2200) : 0;

            // W × ‰ × ‰ is microwatts.
            var microwatts = (HourlyW[hour] * sizePermille * noisePermille) + (appliancesW * 1_000_000);
            _microwattSeconds[quarter] = microwatts * Quarter.Seconds;
        }
    }

    public string Name => "model";

    public long MicrowattSeconds(int quarter) => _microwattSeconds[quarter];
}
