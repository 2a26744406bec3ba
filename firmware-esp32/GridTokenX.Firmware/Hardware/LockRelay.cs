using System.Device.Gpio;

namespace GridTokenX.Firmware.Hardware
{
    internal sealed class LockRelay : IRelay
    {
        private readonly GpioPin _pin;

        internal LockRelay(GpioController gpio)
        {
            _pin = gpio.OpenPin(Board.Relay, PinMode.Output);
        }

        public void Set(bool locked) => _pin.Write(locked ? PinValue.High : PinValue.Low);
    }
}
