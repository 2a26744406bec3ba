using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Simulation;

/// <summary>Market time in a simulation: unknown after a start, then whatever the simulator says, never back.</summary>
internal sealed class MarketClock
{
    private volatile bool _isSet;

    internal SteppedTime Time { get; } = new(DateTimeOffset.UnixEpoch);

    internal bool IsSet => _isSet;

    internal DateTimeOffset? Now => IsSet ? Time.GetUtcNow() : null;

    /// <summary>False when the time lies before the present one. One caller at a time.</summary>
    internal bool TrySet(DateTimeOffset now)
    {
        if (now < Time.GetUtcNow())
        {
            return false;
        }

        Time.SetUtcNow(now);
        _isSet = true;
        return true;
    }
}
