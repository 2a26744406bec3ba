// INA226, current and voltage of a battery over I2C (Texas Instruments, SBOS547B). Registers are 16 bits, big-endian:
//
//   00 configuration   0 1 0 0 | averages (3) | bus conversion (3) | shunt conversion (3) | mode (3)
//   01 shunt voltage   signed, 2.5 µV        FE manufacturer, 5449
//   02 bus voltage     1.25 mV               FF die, 2260

using System;
using System.Device.I2c;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>
    /// The chip averages 1024 conversions of both voltages of 2.1 ms each, 4.3 s in all, again and again: what is read
    /// every 5 s misses little. The current comes from the shunt voltage itself, so that nothing has to be calibrated
    /// in the chip, and a chip that was reset is noticed by its configuration.
    /// </summary>
    internal sealed class Ina226
    {
        private const byte ConfigurationRegister = 0x00;
        private const byte ShuntRegister = 0x01;
        private const byte BusRegister = 0x02;
        private const byte ManufacturerRegister = 0xFE;
        private const byte DieRegister = 0xFF;
        private const int Manufacturer = 0x5449;
        private const int Die = 0x2260;
        private const int Continuous = 0x4F6F; // 1024 averages, 2.116 ms, 2.116 ms, shunt and bus continuously

        private readonly I2cDevice _bus;
        private readonly int _shuntMicroohm;
        private readonly int _busRatioPermille;
        private readonly byte[] _pointer = new byte[1];
        private readonly byte[] _value = new byte[2];
        private readonly byte[] _write = new byte[3];

        /// <param name="bus">The chip's address on it.</param>
        /// <param name="shuntMicroohm">Resistance of the shunt.</param>
        /// <param name="busRatioPermille">Battery voltage over voltage at VBUS, 1000 when they are the same.</param>
        internal Ina226(I2cDevice bus, int shuntMicroohm, int busRatioPermille)
        {
            _bus = bus;
            _shuntMicroohm = shuntMicroohm;
            _busRatioPermille = busRatioPermille;
        }

        /// <summary>False when the chip does not answer, is another one, or has just been set up.</summary>
        /// <param name="milliamperes">Into the battery.</param>
        /// <param name="millivolts">Of the battery.</param>
        internal bool TryRead(out int milliamperes, out int millivolts)
        {
            milliamperes = 0;
            millivolts = 0;
            if (!TryReadRegister(ConfigurationRegister, out var configuration))
            {
                return false;
            }

            if (configuration != Continuous)
            {
                SetUp();
                return false;
            }

            if (!TryReadRegister(ShuntRegister, out var shunt) || !TryReadRegister(BusRegister, out var bus))
            {
                return false;
            }

            // 2.5 µV over µΩ: 2500 nV / µΩ = mA.
            milliamperes = (int)((short)shunt * 2500L / _shuntMicroohm);
            millivolts = (int)(bus * 5L * _busRatioPermille / 4000);
            return true;
        }

        private void SetUp()
        {
            if (!TryReadRegister(ManufacturerRegister, out var manufacturer) || manufacturer != Manufacturer
                || !TryReadRegister(DieRegister, out var die) || die != Die)
            {
                return;
            }

            _write[0] = ConfigurationRegister;
            _write[1] = Continuous >> 8;
            _write[2] = Continuous & 0xFF;
            _bus.Write(new SpanByte(_write));
        }

        private bool TryReadRegister(byte register, out int value)
        {
            _pointer[0] = register;
            var result = _bus.WriteRead(new SpanByte(_pointer), new SpanByte(_value));
            value = (_value[0] << 8) | _value[1];
            return result.Status == I2cTransferStatus.FullTransfer;
        }
    }
}
