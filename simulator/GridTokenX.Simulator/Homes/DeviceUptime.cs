namespace GridTokenX.Simulator.Homes;

/// <summary>
/// How long a device has been on, as it counts itself. That follows market time; where market time stands still it goes
/// on with the wall clock, so that the device repeats what nobody has answered, and the market time that follows
/// catches up with it: how long something takes here is not how old a device is.
/// </summary>
internal sealed class DeviceUptime
{
    /// <summary>
    /// Against the wall clock: what the device repeats it repeats soon, in a second where the gateway has acknowledged
    /// a younger reading, and before it believes that the older one will not come any more.
    /// </summary>
    public const int Speed = 10;

    private readonly TimeProvider _clock;
    private readonly DateTimeOffset _bootedAt;
    private DateTimeOffset _now;
    private TimeSpan _untilHere;
    private long _since;
    private bool _isHeld;

    /// <param name="clock">The wall's; its timestamps count.</param>
    /// <param name="bootedAt">Market time.</param>
    public DeviceUptime(TimeProvider clock, DateTimeOffset bootedAt)
    {
        _clock = clock;
        _bootedAt = bootedAt;
        _now = bootedAt;
        _since = clock.GetTimestamp();
    }

    /// <summary>It never goes back.</summary>
    public long Milliseconds => (long)Elapsed.TotalMilliseconds;

    private TimeSpan Elapsed => _isHeld ? _untilHere : _untilHere + (_clock.GetElapsedTime(_since) * Speed);

    /// <summary>It is this market time.</summary>
    public void MoveTo(DateTimeOffset now)
    {
        if (now == _now)
        {
            return;
        }

        var (elapsed, market) = (Elapsed, now - _bootedAt);
        _untilHere = elapsed > market ? elapsed : market;
        _since = _clock.GetTimestamp();
        _now = now;
    }

    /// <summary>So much passes at once.</summary>
    public void Skip(TimeSpan time) => _untilHere += time;

    /// <summary>The wall clock does not count until <see cref="GoOn"/>.</summary>
    public void Hold()
    {
        _untilHere = Elapsed;
        _isHeld = true;
    }

    public void GoOn()
    {
        _untilHere = Elapsed;
        _since = _clock.GetTimestamp();
        _isHeld = false;
    }
}
