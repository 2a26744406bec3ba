using System.Device.Gpio;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>An opened lid is remembered until the next start, however short it was open.</summary>
    internal sealed class TamperSwitch
    {
        private readonly GpioPin _pin;

        internal TamperSwitch(GpioController gpio)
        {
            _pin = gpio.OpenPin(Board.TamperContact, PinMode.InputPullUp);
            IsOpen = _pin.Read() == PinValue.High;
            _pin.ValueChanged += OnChanged;
        }

        internal bool IsOpen { get; private set; }

        private void OnChanged(object sender, PinValueChangedEventArgs e)
        {
            if (e.ChangeType == PinEventTypes.Rising)
            {
                IsOpen = true;
            }
        }
    }
}
