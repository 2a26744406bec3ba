using System;
using nanoFramework.Runtime.Native;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>
    /// The chip's clock. After power-up it is 1970 until SNTP or the gateway has set it; it goes on over a restart.
    /// </summary>
    internal static class Clock
    {
        private const long Known = 1577836800; // 2020-01-01: recorded days are played too

        internal static long UptimeMs => Environment.TickCount64;

        internal static System.DateTime UtcNow => DateTime.UtcNow;

        internal static long UnixNow => (DateTime.UtcNow - System.DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;

        internal static bool IsKnown => UnixNow >= Known;

        /// <summary>False for a time that cannot be.</summary>
        internal static bool TrySet(long unixSeconds)
        {
            // The last one is in 2100.
            if (unixSeconds < Known || unixSeconds > 4102444800)
            {
                return false;
            }

            return Rtc.SetSystemTime(new System.DateTime(
                System.DateTime.UnixEpoch.Ticks + (unixSeconds * TimeSpan.TicksPerSecond)));
        }
    }
}
