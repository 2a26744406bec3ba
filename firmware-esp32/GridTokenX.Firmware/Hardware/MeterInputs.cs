using System;
using System.Device.Gpio;
using System.Device.I2c;
using GridTokenX.Firmware.Metering;
using GridTokenX.Firmware.Storage;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>What the device measures: two pulse counters, the battery's gauge, the lid.</summary>
    internal sealed class MeterInputs : IMeterInput
    {
        private readonly PulseInput _production = new PulseInput(Board.ProductionS0);
        private readonly PulseInput _consumption = new PulseInput(Board.ConsumptionS0);
        private readonly TamperSwitch _tamper;
        private readonly BatteryGauge _gauge;
        private readonly TwinRecord _record;
        private readonly byte[] _saved = new byte[8];
        private readonly Ina226 _ina226;
        private readonly DividerVoltmeter _divider;
        private bool _isBelieved;

        internal MeterInputs(Settings settings, IFlash flash, GpioController gpio)
        {
            _tamper = new TamperSwitch(gpio);
            if (settings.Gauge == GaugeKind.None)
            {
                return;
            }

            _gauge = new BatteryGauge(settings.Device.BatteryCapacityWh, settings.BatteryMillivolts);
            _record = new TwinRecord(flash, "charge", _saved.Length);
            Restore();

            if (settings.Gauge == GaugeKind.Ina226)
            {
                var bus = I2cDevice.Create(
                    new I2cConnectionSettings(Board.I2cBus, Board.GaugeAddress, I2cBusSpeed.StandardMode));
                _ina226 = new Ina226(bus, settings.ShuntMicroohm, settings.BusRatioPermille);
            }
            else
            {
                _divider = new DividerVoltmeter(settings.DividerFullScaleMillivolts);
            }
        }

        public long ProductionPulses => _production.Count;

        public long ConsumptionPulses => _consumption.Count;

        public int StateOfChargePermille => _isBelieved ? _gauge.Permille : BatteryGauge.Unknown;

        public bool Tamper => _tamper.IsOpen;

        /// <summary>A charge that cannot be read is measured anew.</summary>
        private void Restore()
        {
            try
            {
                if (_record.Load(_saved))
                {
                    _gauge.Restore(BigEndian.ReadInt64(_saved, 0));
                }
            }
            catch (InvalidOperationException exception)
            {
                Serial.Say(exception.Message);
            }
        }

        /// <summary>Reads the battery's gauge.</summary>
        internal void Measure(long uptimeMs)
        {
            if (_ina226 != null && _ina226.TryRead(out var milliamperes, out var millivolts))
            {
                _gauge.Measure(milliamperes, millivolts, uptimeMs);
                _isBelieved = true;
            }
            else if (_divider != null && _divider.TryRead(out var volts))
            {
                _gauge.MeasureVoltage(volts, uptimeMs);
                _isBelieved = true;
            }
            else if (_gauge != null)
            {
                _isBelieved = _gauge.Miss(uptimeMs);
            }
        }

        /// <summary>Keeps the counted charge over a power cut.</summary>
        internal void Save()
        {
            if (_isBelieved)
            {
                BigEndian.WriteInt64(_saved, 0, _gauge.Charge);
                _record.Save(_saved);
            }
        }
    }
}
