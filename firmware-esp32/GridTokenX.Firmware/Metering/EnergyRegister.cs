namespace GridTokenX.Firmware.Metering
{
    /// <summary>
    /// Wh since installation, from S0 pulses. What does not make a whole Wh is carried to the next, so nothing is lost
    /// to rounding. It never goes back.
    /// </summary>
    public sealed class EnergyRegister
    {
        private readonly int _impulsesPerKwh;
        private long _seenPulses;

        public EnergyRegister(int impulsesPerKwh)
        {
            _impulsesPerKwh = impulsesPerKwh;
        }

        public long WattHours { get; private set; }

        /// <summary>Energy beyond the whole Wh, in Wh / impulses per kWh; 0 to impulses per kWh - 1.</summary>
        public int Carry { get; private set; }

        /// <summary>
        /// Continues from stored values. A carry of another meter constant is dropped: less than one Wh, and never one
        /// too many.
        /// </summary>
        public void Restore(long wattHours, int carry, int impulsesPerKwh)
        {
            WattHours = wattHours;
            Carry = impulsesPerKwh == _impulsesPerKwh && carry >= 0 && carry < _impulsesPerKwh ? carry : 0;
        }

        /// <summary>Takes in the hardware counter. One that went back was reset: it counts on from there.</summary>
        /// <returns>Whether the register grew by whole Wh.</returns>
        public bool Count(long pulses)
        {
            var added = pulses - _seenPulses;
            _seenPulses = pulses;
            if (added <= 0)
            {
                return false;
            }

            var total = Carry + (added * 1000);
            var grown = total / _impulsesPerKwh;
            Carry = (int)(total - (grown * _impulsesPerKwh));
            WattHours += grown;
            return grown > 0;
        }
    }
}
