using System;
using System.Device.Wifi;
using GridTokenX.Firmware.Identity;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>The ESP32's generator, which is random only while the radio is on: it is switched on first.</summary>
    internal sealed class HardwareEntropy : IEntropy
    {
        private readonly Random _generator = new Random();

        internal HardwareEntropy()
        {
            var adapters = WifiAdapter.FindAllAdapters();
            if (adapters.Length == 0)
            {
                throw new InvalidOperationException("There is no radio: no key can be made.");
            }

            adapters[0].ScanAsync();
        }

        public void Fill(byte[] buffer) => _generator.NextBytes(buffer);
    }
}
