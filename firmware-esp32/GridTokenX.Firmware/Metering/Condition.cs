using GridTokenX.Firmware.Storage;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Metering
{
    /// <summary>State of charge and flags, as readings and statements carry them.</summary>
    internal sealed class Condition
    {
        private readonly DeviceConfig _config;
        private readonly IMeterInput _input;
        private readonly DeviceMemory _memory;
        private readonly Moment _now;

        internal Condition(DeviceConfig config, IMeterInput input, DeviceMemory memory, Moment now)
        {
            _config = config;
            _input = input;
            _memory = memory;
            _now = now;
        }

        /// <summary>The registers come from flash, and no reading has said so yet.</summary>
        internal bool IsRestored { get; set; }

        /// <summary>0–1000, or NoBattery, also while the gauge does not tell.</summary>
        internal int Permille
        {
            get
            {
                if (_config.BatteryCapacityWh == 0)
                {
                    return ReadingBytes.NoBattery;
                }

                var measured = _input.StateOfChargePermille;
                if (measured < 0)
                {
                    return ReadingBytes.NoBattery;
                }

                return measured > 1000 ? 1000 : measured;
            }
        }

        /// <summary>What the battery can give above its reserve, Wh, rounded down.</summary>
        internal long AvailableWh
        {
            get
            {
                var permille = Permille;
                var above = permille - _config.BatteryReservePermille;
                return permille == ReadingBytes.NoBattery || above <= 0
                    ? 0
                    : (long)above * _config.BatteryCapacityWh / 1000;
            }
        }

        internal int Flags
        {
            get
            {
                var flags = _now.IsTimeKnown ? 0 : ReadingBytes.FlagTimeNotSynchronised;
                flags |= _memory.LockState == StateBytes.StateIdle ? 0 : ReadingBytes.FlagLocked;
                flags |= _input.Tamper ? ReadingBytes.FlagTamper : 0;
                flags |= IsRestored ? ReadingBytes.FlagRegistersRestored : 0;
                return flags;
            }
        }
    }
}
