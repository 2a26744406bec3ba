using nanoFramework.Hardware.Esp32;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>
    /// Every pin of the ESP32, named once; hardware/pins.md is checked against it. None of them is a strapping pin
    /// (0, 2, 5, 12, 15), and nothing moves while the chip starts: all are inputs then.
    /// </summary>
    internal static class Board
    {
        /// <summary>S0 output of the production meter, to ground; pulled up outside.</summary>
        internal const int ProductionS0 = 32;

        /// <summary>S0 output of the consumption meter, to ground; pulled up outside.</summary>
        internal const int ConsumptionS0 = 33;

        /// <summary>I2C bus of the battery gauge, pulled up outside.</summary>
        internal const int I2cData = 21;
        internal const int I2cClock = 22;

        /// <summary>Battery voltage over a divider: ADC1, the one that works beside Wi-Fi.</summary>
        internal const int BatteryDivider = 36;

        /// <summary>High keeps the battery's energy.</summary>
        internal const int Relay = 26;

        /// <summary>High is light.</summary>
        internal const int StatusLight = 25;

        /// <summary>To ground when pressed.</summary>
        internal const int Button = 27;

        /// <summary>To ground while the lid is closed.</summary>
        internal const int TamperContact = 19;

        internal const int I2cBus = 1;
        internal const int GaugeAddress = 0x40;
        internal const int DividerChannel = 0;

        /// <summary>Leads the chip's functions to the pins.</summary>
        internal static void Assign()
        {
            Configuration.SetPinFunction(I2cData, DeviceFunction.I2C1_DATA);
            Configuration.SetPinFunction(I2cClock, DeviceFunction.I2C1_CLOCK);
            Configuration.SetPinFunction(BatteryDivider, DeviceFunction.ADC1_CH0);
        }
    }
}
