namespace GridTokenX.Protocol.Time;

/// <summary>
/// A clock that somebody else moves: the simulator, or a test. It never goes back. Timers that fall due fire in the
/// order of their times, on the thread that moves the clock, each seeing the time it was due at.
/// </summary>
public sealed class SteppedTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<SteppedTimer, (DateTimeOffset Due, long Order)> _timers = new();
    private DateTimeOffset _now = start.ToUniversalTime();
    private long _order;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public void Advance(TimeSpan by) => SetUtcNow(GetUtcNow() + by);

    /// <exception cref="ArgumentOutOfRangeException">The time lies before the present one.</exception>
    public void SetUtcNow(DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(now, GetUtcNow());
        while (NextDue(now) is { } timer)
        {
            timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SteppedTimer(this, callback, state);
        _ = timer.Change(dueTime, period);
        return timer;
    }

    private SteppedTimer? NextDue(DateTimeOffset until)
    {
        lock (_lock)
        {
            while (_timers.TryPeek(out var timer, out var key) && key.Due <= until)
            {
                _ = _timers.Dequeue();
                if (timer.Take(key))
                {
                    _now = key.Due > _now ? key.Due : _now;
                    timer.Rearm(key.Due);
                    return timer;
                }
            }

            _now = until > _now ? until : _now;
            return null;
        }
    }

    /// <summary>A timer; its fields are touched only under the clock's lock.</summary>
    private sealed class SteppedTimer(SteppedTime clock, TimerCallback callback, object? state) : ITimer
    {
        private (DateTimeOffset Due, long Order)? _armed;
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                _period = period;
                _armed = null;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Arm(clock._now + dueTime);
                }
            }

            return true;
        }

        public void Dispose() => _ = Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Fire() => callback(state);

        /// <summary>
        /// True when this queue entry is the one the timer is armed with, not one it was changed away from.
        /// </summary>
        internal bool Take((DateTimeOffset Due, long Order) key)
        {
            if (_armed != key)
            {
                return false;
            }

            _armed = null;
            return true;
        }

        internal void Rearm(DateTimeOffset fired)
        {
            if (_period != Timeout.InfiniteTimeSpan && _period > TimeSpan.Zero)
            {
                Arm(fired + _period);
            }
        }

        private void Arm(DateTimeOffset due)
        {
            _armed = (due, ++clock._order);
            clock._timers.Enqueue(this, _armed.Value);
        }
    }
}
