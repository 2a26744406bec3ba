namespace GridTokenX.Community.Profiles;

/// <summary>
/// Measured energy, brought to quarter hours. Each epoch holds the difference of two cumulative sums rounded down to
/// whole Wh, so that any stretch of epochs sums to the file's own energy of that time, less than 1 Wh off.
/// </summary>
internal sealed class EnergyProfile
{
    /// <summary>1 Wh in microwatt-seconds.</summary>
    public const long MicrowattSecondsPerWh = 3_600_000_000;

    private readonly int[] _wh;

    private EnergyProfile(int[] wh) => _wh = wh;

    public int Epochs => _wh.Length;

    public long TotalWh => _wh.Sum(static wh => (long)wh);

    /// <summary>Past the end it begins again.</summary>
    public long Wh(long epoch) => _wh[epoch % _wh.Length];

    /// <param name="intervals">Energy of each interval, in microwatt-seconds, one after the other.</param>
    /// <param name="intervalSeconds">All last as long.</param>
    /// <param name="offsetSeconds">Where in the first interval the first epoch begins.</param>
    /// <param name="epochs">How many quarter hours; the intervals must reach so far.</param>
    public static EnergyProfile Resample(
        IReadOnlyList<long> intervals, long intervalSeconds, long offsetSeconds, int epochs)
    {
        const int EpochSeconds = Weather.EpochTime.Seconds;
        var wh = new int[epochs];
        var at = new Cursor(intervals, intervalSeconds);
        var before = at.MoveTo(offsetSeconds) / MicrowattSecondsPerWh;
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var until = at.MoveTo(offsetSeconds + ((epoch + 1L) * EpochSeconds)) / MicrowattSecondsPerWh;
            wh[epoch] = checked((int)(until - before));
            before = until;
        }

        return new EnergyProfile(wh);
    }

    /// <summary>The energy from the beginning to a second, going forward only.</summary>
    private sealed class Cursor(IReadOnlyList<long> intervals, long intervalSeconds)
    {
        private int _interval;
        private Int128 _sum;

        internal Int128 MoveTo(long second)
        {
            var whole = (int)(second / intervalSeconds);
            for (; _interval < whole; _interval++)
            {
                _sum += intervals[_interval];
            }

            var part = second % intervalSeconds;
            return part == 0 ? _sum : _sum + ((Int128)intervals[_interval] * part / intervalSeconds);
        }
    }
}
