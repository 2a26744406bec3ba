using System.Device.Gpio;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>
    /// Counts the closings of an S0 output by the chip's pulse counter, without interrupts and while the interpreter is
    /// busy. The counter's own filter takes out spikes below 12.8 µs; the RC filter on the board what bounces.
    /// </summary>
    internal sealed class PulseInput
    {
        private const int NoSecondPin = -1;
        private const ushort LongestFilter = 1023; // of 80 MHz

        private readonly GpioPulseCounter _counter;

        internal PulseInput(int pin)
        {
            _counter = new GpioPulseCounter(pin, NoSecondPin)
            {
                Polarity = GpioPulsePolarity.Falling,
                FilterPulses = LongestFilter,
            };
            _counter.Start();
        }

        internal long Count => _counter.Read().Count;
    }
}
