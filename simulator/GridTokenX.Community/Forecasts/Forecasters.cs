using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Forecasts;

internal enum ForecastKind
{
    None = 0,

    /// <summary>Knows what will be: the upper bound of all forecasts.</summary>
    Perfect,

    /// <summary>As in the quarter hour before.</summary>
    Naive,

    /// <summary>As in the same quarter hour of the day before; on the first day as the naive one.</summary>
    SameTimeYesterday,

    /// <summary>A mean in which each quarter hour weighs 0.7 of the next: smoothing factor 0.3.</summary>
    ExponentialSmoothing,
}

/// <summary>
/// What every home expects of its devices but the battery in the next quarter hour, Wh, positive for surplus: what the
/// battery will make of it the home knows. 8 bytes a home, 392 more for one that remembers yesterday.
/// </summary>
internal sealed class Forecasters
{
    private const long SmoothingPermille = 300;
    private const long MilliWhPerWh = 1_000;

    private readonly ForecastKind[] _kinds;
    private readonly long[] _state;
    private readonly int[] _yesterdayAt;
    private readonly int[] _yesterday;
    private readonly ForecastErrors[] _errors = new ForecastErrors[5];

    public Forecasters(IReadOnlyList<ForecastKind> kinds)
    {
        _kinds = [.. kinds];
        _state = new long[_kinds.Length];
        _yesterdayAt = new int[_kinds.Length];
        var remembering = 0;
        for (var home = 0; home < _kinds.Length; home++)
        {
            _yesterdayAt[home] = _kinds[home] == ForecastKind.SameTimeYesterday
                ? remembering++ * EpochTime.PerDay
                : -1;
        }

        _yesterday = new int[remembering * EpochTime.PerDay];
    }

    public ForecastErrors ErrorsOf(ForecastKind kind) => _errors[(int)kind];

    /// <summary>Before the epoch's value is told.</summary>
    public long Expect(int home, in EpochTime time, long actual) => _kinds[home] switch
    {
        ForecastKind.Perfect => actual,
        ForecastKind.SameTimeYesterday when time.Day > 0 => _yesterday[_yesterdayAt[home] + time.Quarter],
        ForecastKind.ExponentialSmoothing => _state[home] / MilliWhPerWh,
        _ => _state[home],
    };

    /// <summary>Tells what was; an error counts as soon as there is something to foresee by.</summary>
    public void Learn(int home, in EpochTime time, long expected, long actual)
    {
        var kind = _kinds[home];
        if (kind == ForecastKind.SameTimeYesterday ? time.Day > 0 : time.Epoch > 0)
        {
            _errors[(int)kind].Add(expected - actual);
        }

        if (kind == ForecastKind.ExponentialSmoothing)
        {
            _state[home] += time.Epoch == 0
                ? actual * MilliWhPerWh
                : ((actual * MilliWhPerWh) - _state[home]) * SmoothingPermille / 1_000;
            return;
        }

        _state[home] = actual;
        if (_yesterdayAt[home] >= 0)
        {
            _yesterday[_yesterdayAt[home] + time.Quarter] = checked((int)actual);
        }
    }
}

/// <summary>Sums of a kind of forecast's errors: expected less actual, Wh.</summary>
internal struct ForecastErrors
{
    private Int128 _squares;
    private long _absolute;
    private long _sum;

    public long Count { get; private set; }

    public readonly decimal? MeanAbsolute => Count == 0 ? null : Math.Round((decimal)_absolute / Count, 3);

    /// <summary>Above zero: more surplus was expected than there was.</summary>
    public readonly decimal? Bias => Count == 0 ? null : Math.Round((decimal)_sum / Count, 3);

    public readonly decimal? RootMeanSquare =>
        Count == 0 ? null : Math.Round((decimal)Math.Sqrt((double)_squares / Count), 3);

    public void Add(long error)
    {
        Count++;
        _absolute += Math.Abs(error);
        _sum += error;
        _squares += (Int128)error * error;
    }
}
