using System;
using System.Device.Gpio;
using System.Threading;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>
    /// Tells a short press (below 3 s) and one of 10 s; what is between is a change of mind. A press is not missed
    /// while the interpreter is busy: the interrupt notes it.
    /// </summary>
    internal sealed class PushButton
    {
        internal const int None = 0;
        internal const int Short = 1;
        internal const int Long = 2;

        private const long ShortMaxMs = 3000;
        private const long LongMinMs = 10000;
        private const int DebounceMs = 50;

        private readonly GpioPin _pin;
        private readonly AutoResetEvent _wake;
        private bool _hasBeenPressed;
        private bool _isLongTold;
        private long _downAtMs;

        internal PushButton(GpioController gpio, AutoResetEvent wake)
        {
            _wake = wake;
            _pin = gpio.OpenPin(Board.Button, PinMode.InputPullUp);
            _pin.DebounceTimeout = TimeSpan.FromMilliseconds(DebounceMs);
            _pin.ValueChanged += OnChanged;
        }

        /// <summary>Held for so long that it is meant as a reset, unless it is let go.</summary>
        internal bool IsHeld { get; private set; }

        internal bool IsDown { get; private set; }

        /// <returns>None, Short when it was let go, Long once while it is held.</returns>
        internal int Poll(long uptimeMs)
        {
            if (_pin.Read() == PinValue.Low)
            {
                return PollDown(uptimeMs);
            }

            var wasShort = IsDown ? uptimeMs - _downAtMs < ShortMaxMs : _hasBeenPressed;
            IsDown = false;
            IsHeld = false;
            _hasBeenPressed = false;
            _isLongTold = false;
            return wasShort ? Short : None;
        }

        private int PollDown(long uptimeMs)
        {
            if (!IsDown)
            {
                IsDown = true;
                _downAtMs = uptimeMs;
            }

            var heldMs = uptimeMs - _downAtMs;
            IsHeld = heldMs >= ShortMaxMs;
            if (heldMs < LongMinMs || _isLongTold)
            {
                return None;
            }

            _isLongTold = true;
            return Long;
        }

        private void OnChanged(object sender, PinValueChangedEventArgs e)
        {
            if (e.ChangeType == PinEventTypes.Falling)
            {
                _hasBeenPressed = true;
            }

            _wake.Set();
        }
    }
}
