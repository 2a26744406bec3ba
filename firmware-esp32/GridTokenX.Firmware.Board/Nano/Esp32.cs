// nanoFramework.Hardware.Esp32 1.6.42 and nanoFramework.Runtime.Native 1.7.11, as far as the firmware uses them.

#nullable enable
using System;
using GridTokenX.Firmware.Board;

namespace nanoFramework.Hardware.Esp32
{
    public enum DeviceFunction
    {
        I2C1_DATA = 0x020100,
        I2C1_CLOCK = 0x020101,
        ADC1_CH0 = 0x060100,
    }

    public class Configuration
    {
        public static void SetPinFunction(int pin, DeviceFunction function) =>
            SimulatedHardware.Current.AssignPin(pin, function);
    }
}

namespace nanoFramework.Runtime.Native
{
    public enum RebootOption
    {
        NormalReboot,
        ClrOnly,
        EnterNanoBooter,
        EnterProprietaryBooter,
    }

    public class Power
    {
        /// <summary>Does not return, as on the chip: what calls it is over.</summary>
        public static void RebootDevice(RebootOption rebootOption = RebootOption.NormalReboot) =>
            SimulatedHardware.Current.Restart();
    }

    public static class Rtc
    {
        public static bool SetSystemTime(DateTime dateTime)
        {
            SimulatedHardware.Current.SetClock(dateTime);
            return true;
        }
    }
}
