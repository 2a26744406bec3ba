using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Senses;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Time;

/// <summary>Who vouches for the time.</summary>
internal enum ClockSource
{
    /// <summary>Nobody.</summary>
    None = 0,

    /// <summary>The operating system's synchronisation.</summary>
    System,

    /// <summary>The cloud, over an authenticated connection.</summary>
    Cloud,
}

/// <summary>
/// Whether the time is known, and which it is. The operating system's word comes first; without it the cloud's own
/// time, told with its answers over TLS, corrects the clock. Unknown until one of them has spoken: after a start
/// without a network a Raspberry Pi begins in the past.
/// </summary>
internal sealed class ClockKnowledge(SystemFiles system, WallTime wall, Alarms alarms)
{
    /// <summary>Within this the cloud's answer says nothing: it has been on its way.</summary>
    internal static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan AskSystemAgain = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private TimeSpan? _cloudOffset;
    private (bool Value, DateTimeOffset Until) _systemSays;

    internal ClockSource Source
    {
        get
        {
            lock (_lock)
            {
                if (IsSystemSynchronised())
                {
                    return ClockSource.System;
                }

                return _cloudOffset is null ? ClockSource.None : ClockSource.Cloud;
            }
        }
    }

    /// <summary>How far the system's clock is behind the cloud's; null until the cloud has said.</summary>
    internal TimeSpan? CloudOffset
    {
        get
        {
            lock (_lock)
            {
                return _cloudOffset;
            }
        }
    }

    /// <summary>The time; null while nobody vouches for it.</summary>
    internal DateTimeOffset? Now => Source == ClockSource.None ? null : Best;

    /// <summary>The best guess at the time: for signing requests, which fail harmlessly when it is wrong.</summary>
    internal DateTimeOffset Best
    {
        get
        {
            lock (_lock)
            {
                return wall.UtcNow + (IsSystemSynchronised() ? TimeSpan.Zero : _cloudOffset ?? TimeSpan.Zero);
            }
        }
    }

    /// <summary>The cloud told its time; only from an answer that nobody on the way can have changed.</summary>
    internal void Told(DateTimeOffset cloudTime)
    {
        var offset = cloudTime - wall.UtcNow;
        bool isSystemSynchronised;
        lock (_lock)
        {
            _cloudOffset = offset.Duration() <= Tolerance ? TimeSpan.Zero : offset;
            isSystemSynchronised = IsSystemSynchronised();
        }

        if (offset.Duration() <= Tolerance)
        {
            alarms.Clear(Alarms.ClockWrong);
        }
        else
        {
            var text = $"This gateway's clock differs from the cloud's by {offset.TotalSeconds:F0} seconds";
            alarms.Raise(Alarms.ClockWrong, isSystemSynchronised ? $"{text}." : $"{text}; the cloud's time is used.");
        }
    }

    private bool IsSystemSynchronised()
    {
        var now = wall.UtcNow;
        if (now >= _systemSays.Until || now < _systemSays.Until - AskSystemAgain)
        {
            _systemSays = (system.IsTimeSynchronised(), now + AskSystemAgain);
        }

        return _systemSays.Value;
    }
}

/// <summary>The best guess at the time as a clock; timers run on the real one.</summary>
internal sealed class BestTime(ClockKnowledge knowledge, TimeProvider real) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => real.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => knowledge.Best;

    public override long GetTimestamp() => real.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        real.CreateTimer(callback, state, dueTime, period);
}
