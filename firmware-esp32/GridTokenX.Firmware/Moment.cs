using System;

namespace GridTokenX.Firmware
{
    /// <summary>What the device takes for now: set by each step, read by its parts.</summary>
    internal sealed class Moment
    {
        /// <summary>Unix seconds, at least 0; to be believed when <see cref="IsTimeKnown"/>.</summary>
        internal long Unix { get; private set; }

        internal bool IsTimeKnown { get; private set; }

        /// <summary>Milliseconds since boot; never goes back.</summary>
        internal long UptimeMs { get; private set; }

        internal void Set(DateTime utcNow, bool isTimeKnown, long uptimeMs)
        {
            var unix = (utcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
            Unix = unix < 0 ? 0 : unix;
            IsTimeKnown = isTimeKnown;
            UptimeMs = uptimeMs;
        }
    }
}
