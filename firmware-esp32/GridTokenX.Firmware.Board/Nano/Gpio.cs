// System.Device.Gpio as nanoFramework 1.1.62 has it, as far as the firmware uses it.

#nullable enable
using GridTokenX.Firmware.Board;

namespace System.Device.Gpio
{
    public enum PinMode
    {
        Input,
        InputPullDown,
        InputPullUp,
        Output,
    }

    [Flags]
    public enum PinEventTypes
    {
        None = 0,
        Rising = 1,
        Falling = 2,
    }

    public enum GpioPulsePolarity
    {
        Falling,
        Rising,
        Both,
    }

    public struct PinValue : IEquatable<PinValue>
    {
        private readonly bool _isHigh;

        private PinValue(bool isHigh)
        {
            _isHigh = isHigh;
        }

        public static PinValue High => new(true);

        public static PinValue Low => new(false);

        public static implicit operator PinValue(bool value) => new(value);

        public static bool operator ==(PinValue left, PinValue right) => left.Equals(right);

        public static bool operator !=(PinValue left, PinValue right) => !left.Equals(right);

        public readonly bool Equals(PinValue other) => _isHigh == other._isHigh;

        public override readonly bool Equals(object? obj) => obj is PinValue other && Equals(other);

        public override readonly int GetHashCode() => _isHigh ? 1 : 0;
    }

    public sealed class PinValueChangedEventArgs(PinEventTypes changeType, int pinNumber) : EventArgs
    {
        public PinEventTypes ChangeType { get; } = changeType;

        public int PinNumber { get; } = pinNumber;
    }

    public delegate void PinValueChangedEventHandler(object sender, PinValueChangedEventArgs e);

    public sealed class GpioController : IDisposable
    {
        private readonly SimulatedHardware _hardware = SimulatedHardware.Current;

        public GpioPin OpenPin(int pinNumber, PinMode mode)
        {
            _hardware.CheckPower();
            return new(_hardware.Wire(pinNumber), mode);
        }

        public void Dispose()
        {
            // Pins stay as they are, as on the chip.
        }
    }

    public sealed class GpioPin : IDisposable
    {
        private readonly SimulatedWire _wire;

        internal GpioPin(SimulatedWire wire, PinMode mode)
        {
            _wire = wire;
            wire.Configure(mode);
            wire.Changed += OnChanged;
        }

        public event PinValueChangedEventHandler? ValueChanged;

        public int PinNumber => _wire.Number;

        /// <summary>Not played: what the wire does has no bounces in it.</summary>
        public TimeSpan DebounceTimeout { get; set; }

        public PinValue Read() => _wire.IsHigh;

        public void Write(PinValue value) => _wire.Drive(value == PinValue.High);

        public void Dispose() => _wire.Changed -= OnChanged;

        private void OnChanged(bool isHigh) => ValueChanged?.Invoke(
            this, new PinValueChangedEventArgs(isHigh ? PinEventTypes.Rising : PinEventTypes.Falling, PinNumber));
    }

    public struct GpioPulseCount
    {
        public long Count;
        public TimeSpan RelativeTime;
    }

    /// <summary>The chip's pulse counter: counts edges by itself from Start on.</summary>
    public sealed class GpioPulseCounter(int pinNumberA, int pinNumberB) : IDisposable
    {
        private readonly SimulatedWire _wire = SimulatedHardware.Current.Wire(pinNumberA);
        private readonly int _second = pinNumberB;
        private long _startedAt;

        public GpioPulsePolarity Polarity { get; set; }

        public ushort FilterPulses { get; set; }

        public bool IsStarted { get; private set; }

        public void Start()
        {
            if (_second != -1)
            {
                throw new NotSupportedException("One pin is played, not two.");
            }

            IsStarted = true;
            _startedAt = _wire.Pulses;
        }

        public GpioPulseCount Read() => new() { Count = IsStarted ? _wire.Pulses - _startedAt : 0 };

        public void Dispose() => IsStarted = false;
    }
}
