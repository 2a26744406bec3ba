using System.Device.Gpio;
using GridTokenX.Firmware.Panel;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>Plays a pattern on the LED, and says when the next change is due: nothing runs in between.</summary>
    internal sealed class StatusLight
    {
        private readonly GpioPin _pin;
        private LightPattern _pattern;
        private int _edge;
        private long _nextMs;

        internal StatusLight(GpioController gpio)
        {
            _pin = gpio.OpenPin(Board.StatusLight, PinMode.Output);
        }

        internal LightPattern Pattern => _pattern;

        /// <summary>Another pattern begins at its beginning; the same one goes on.</summary>
        internal void Show(LightPattern pattern)
        {
            if (pattern != _pattern)
            {
                _pattern = pattern;
                _edge = 0;
                _nextMs = 0;
            }
        }

        /// <returns>Milliseconds until it wants to be called again.</returns>
        internal int Run(long uptimeMs)
        {
            if (uptimeMs >= _nextMs)
            {
                _pin.Write(LightPattern.IsOn(_edge) ? PinValue.High : PinValue.Low);
                _nextMs = uptimeMs + _pattern.DurationMs(_edge);
                _edge = _pattern.Next(_edge);
            }

            return (int)(_nextMs - uptimeMs);
        }
    }
}
