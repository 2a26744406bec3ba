#nullable enable
using System;
using System.Device.Gpio;

namespace GridTokenX.Firmware.Board
{
    /// <summary>
    /// What hangs on one pin: a contact that pulls it to ground, an S0 output, or what the chip itself drives.
    /// </summary>
    public sealed class SimulatedWire
    {
        private PinMode _mode = PinMode.Input;
        private bool _isPulledDown;
        private bool _isDrivenHigh;

        internal SimulatedWire(int number)
        {
            Number = number;
        }

        /// <summary>The level changed; an interrupt, or what the test sees.</summary>
        public event Action<bool>? Changed;

        public int Number { get; }

        /// <summary>Pulses that an S0 output has made on this wire, ever.</summary>
        public long Pulses { get; private set; }

        public bool IsHigh => _mode == PinMode.Output ? _isDrivenHigh : !_isPulledDown;

        /// <summary>Closes or opens a contact to ground: a button, a lid.</summary>
        public void PullDown(bool isPulled)
        {
            if (_isPulledDown != isPulled)
            {
                _isPulledDown = isPulled;
                Changed?.Invoke(IsHigh);
            }
        }

        /// <summary>The meter's S0 output closes and opens this many times.</summary>
        public void Pulse(long count)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            Pulses += count;
        }

        internal void Configure(PinMode mode) => _mode = mode;

        internal void Drive(bool isHigh)
        {
            if (_isDrivenHigh != isHigh)
            {
                _isDrivenHigh = isHigh;
                Changed?.Invoke(isHigh);
            }
        }

        /// <summary>After a reset every pin is an input again, and nobody of before listens.</summary>
        internal void Release()
        {
            Drive(false);
            _mode = PinMode.Input;
            Changed = null;
        }
    }
}
