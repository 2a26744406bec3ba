// System.Device.Adc as nanoFramework 1.1.24 has it, as far as the firmware uses it.

#nullable enable
using GridTokenX.Firmware.Board;

namespace System.Device.Adc
{
    public abstract class AdcChannelBase
    {
        public abstract int ReadValue();
    }

    public sealed class AdcChannel : AdcChannelBase, IDisposable
    {
        private readonly SimulatedHardware _hardware = SimulatedHardware.Current;
        private readonly int _channel;

        internal AdcChannel(int channel)
        {
            _channel = channel;
        }

        /// <summary>0–4095, and there it stops, whatever the voltage.</summary>
        public override int ReadValue() => _hardware.ReadAdc(_channel);

        public void Dispose()
        {
            // Nothing is held.
        }
    }

    public class AdcController
    {
        public AdcChannel OpenChannel(int channelNumber) => new(channelNumber);
    }
}
