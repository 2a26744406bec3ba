namespace GridTokenX.Firmware.Readings
{
    /// <summary>
    /// Says when a reading is due: at ends aligned to the interval in Unix time, each at most once and never again an
    /// earlier one. An end that passed unseen (power off, clock jumped ahead) is left out: the next reading's registers
    /// carry its energy, and its interval_s stays the configured length, so that elapsed time / interval_s counts the
    /// missing ones.
    /// </summary>
    public sealed class IntervalClock
    {
        // A clock that is found further back than this was wrong before, and readings of that time are beyond what the
        // cloud takes as "now" (5 minutes). Less is a correction: wait until the time comes round again.
        private const long StepBackMax = 300;

        private readonly long _interval;
        private long _last;
        private long _next;

        public IntervalClock(int intervalSeconds, long lastEnd)
        {
            _interval = intervalSeconds;
            _last = lastEnd;
        }

        /// <returns>The end of the interval to sign now, Unix seconds; 0 when none is due.</returns>
        public long Due(long unixNow)
        {
            var passed = unixNow - (unixNow % _interval);
            if (_next == 0)
            {
                Arm(unixNow, passed);
            }

            if (_next - unixNow > _interval + StepBackMax)
            {
                _last = passed;
                _next = passed + _interval;
            }

            if (unixNow < _next)
            {
                return 0;
            }

            _last = passed;
            _next = passed + _interval;
            return passed;
        }

        /// <summary>
        /// After boot: this very moment can be the end of an interval that began before it, but not on a device's first
        /// day.
        /// </summary>
        private void Arm(long unixNow, long passed)
        {
            var isOnEnd = unixNow == passed && _last > 0;
            _next = isOnEnd ? passed : passed + _interval;
            if (_next <= _last)
            {
                _next = _last - (_last % _interval) + _interval;
            }
        }
    }
}
