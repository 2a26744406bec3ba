using GridTokenX.Firmware.Storage;

namespace GridTokenX.Firmware.Metering
{
    /// <summary>
    /// The two registers. Their values stand in the device's memory, so that they are saved with everything else.
    /// </summary>
    internal sealed class Meter
    {
        private readonly IMeterInput _input;
        private readonly DeviceMemory _memory;
        private readonly EnergyRegister _production;
        private readonly EnergyRegister _consumption;

        /// <param name="impulsesPerKwh">Of both meters.</param>
        /// <param name="input">Counts pulses.</param>
        /// <param name="memory">Already loaded: the registers continue from it.</param>
        internal Meter(int impulsesPerKwh, IMeterInput input, DeviceMemory memory)
        {
            _input = input;
            _memory = memory;
            _production = new EnergyRegister(impulsesPerKwh);
            _consumption = new EnergyRegister(impulsesPerKwh);
            _production.Restore(memory.ProductionWh, memory.ProductionCarry, memory.ImpulsesPerKwh);
            _consumption.Restore(memory.ConsumptionWh, memory.ConsumptionCarry, memory.ImpulsesPerKwh);
            memory.ImpulsesPerKwh = impulsesPerKwh;
        }

        /// <summary>Takes in the pulses since the last time. True when a register grew.</summary>
        internal bool Measure()
        {
            var hasProduced = _production.Count(_input.ProductionPulses);
            var hasConsumed = _consumption.Count(_input.ConsumptionPulses);
            _memory.ProductionWh = _production.WattHours;
            _memory.ProductionCarry = _production.Carry;
            _memory.ConsumptionWh = _consumption.WattHours;
            _memory.ConsumptionCarry = _consumption.Carry;
            return hasProduced || hasConsumed;
        }
    }
}
