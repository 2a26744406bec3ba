using System.Device.Adc;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>
    /// The battery's voltage over a divider. The ESP32's converter is coarse and bent: the full scale is calibrated on
    /// the board (hardware/README.md), and 16 samples are averaged.
    /// </summary>
    internal sealed class DividerVoltmeter
    {
        private const int Samples = 16;
        private const int Steps = 4095;

        private readonly AdcChannel _channel;
        private readonly int _fullScaleMillivolts;

        /// <param name="fullScaleMillivolts">The battery voltage at the converter's highest value.</param>
        internal DividerVoltmeter(int fullScaleMillivolts)
        {
            _channel = new AdcController().OpenChannel(Board.DividerChannel);
            _fullScaleMillivolts = fullScaleMillivolts;
        }

        /// <summary>False when the converter is at its end, which is no battery voltage.</summary>
        internal bool TryRead(out int millivolts)
        {
            var sum = 0;
            for (var i = 0; i < Samples; i++)
            {
                sum += _channel.ReadValue();
            }

            millivolts = (int)((long)sum * _fullScaleMillivolts / (Steps * Samples));
            return sum > 0 && sum < Steps * Samples;
        }
    }
}
