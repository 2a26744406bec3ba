using System;

namespace GridTokenX.Firmware
{
    /// <summary>What an installer sets. It is read once, when the device starts.</summary>
    public sealed class DeviceConfig
    {
        public const int IntervalSecondsMin = 60;
        public const int IntervalSecondsMax = 900;
        public const int ImpulsesPerKwhMax = 100000;

        public int ImpulsesPerKwh { get; set; } = 1000;

        public int IntervalSeconds { get; set; } = 300;

        /// <summary>0 without a battery.</summary>
        public int BatteryCapacityWh { get; set; }

        /// <summary>What a lock never takes from the battery, permille of its capacity.</summary>
        public int BatteryReservePermille { get; set; } = 200;

        /// <exception cref="ArgumentException">A value is out of its range.</exception>
        internal void Check()
        {
            CheckRange(ImpulsesPerKwh, 1, ImpulsesPerKwhMax, "ImpulsesPerKwh");
            CheckRange(IntervalSeconds, IntervalSecondsMin, IntervalSecondsMax, "IntervalSeconds");
            CheckRange(BatteryCapacityWh, 0, int.MaxValue, "BatteryCapacityWh");
            CheckRange(BatteryReservePermille, 0, 1000, "BatteryReservePermille");
        }

        internal static void CheckRange(int value, int min, int max, string name)
        {
            if (value < min || value > max)
            {
                throw new ArgumentException(name + ": " + min.ToString() + " to " + max.ToString() + ".");
            }
        }
    }
}
