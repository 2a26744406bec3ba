#nullable enable
using System;

namespace GridTokenX.Firmware.Board
{
    /// <summary>
    /// A device on its board: two meters with S0 outputs, a battery gauge, a tamper contact, a relay, flash. Everything
    /// is called from one thread. After a <see cref="PowerCutException"/> only <see cref="Reboot"/> goes on.
    /// </summary>
    public sealed class SimulatedBoard : IMeterInput, IRelay
    {
        private const long MilliwattHoursPerKwh = 1_000_000;

        private readonly DeviceConfig _config;
        private readonly byte[] _seed;
        private readonly SimulatedFlash _flash;
        private readonly IBoardUplink _uplink;
        private long _productionResidue;
        private long _consumptionResidue;
        private long _elapsedMs;
        private long _bootMs;

        public SimulatedBoard(DeviceConfig config, ReadOnlySpan<byte> seed, SimulatedFlash flash, IBoardUplink uplink)
        {
            _config = config;
            _seed = seed.ToArray();
            _flash = flash;
            _uplink = uplink;
            Device = new Device(config, _seed, this, flash, this, uplink);
        }

        public Device Device { get; private set; }

        public long ProductionPulses { get; private set; }

        public long ConsumptionPulses { get; private set; }

        public int StateOfChargePermille { get; set; } = 1000;

        public bool Tamper { get; set; }

        /// <summary>Whether the relay keeps the battery's energy.</summary>
        public bool IsRelayLocked { get; private set; }

        /// <summary>
        /// Lets the production meter turn; what makes no whole pulse stays in the meter, over a reboot too.
        /// </summary>
        public void AddProductionMilliwattHours(long milliwattHours) =>
            ProductionPulses += ToPulses(milliwattHours, ref _productionResidue);

        /// <summary>
        /// Lets the consumption meter turn; what makes no whole pulse stays in the meter, over a reboot too.
        /// </summary>
        public void AddConsumptionMilliwattHours(long milliwattHours) =>
            ConsumptionPulses += ToPulses(milliwattHours, ref _consumptionResidue);

        public void AddProductionPulses(long pulses) => ProductionPulses += RequireForward(pulses);

        public void AddConsumptionPulses(long pulses) => ConsumptionPulses += RequireForward(pulses);

        /// <summary>Hands over what arrived, then lets the device do what is due.</summary>
        /// <param name="utcNow">The device's clock.</param>
        /// <param name="elapsedMs">Milliseconds of any clock that never goes back: the one that repetitions wait
        /// on.</param>
        /// <param name="timeSynchronised">Whether the device knows the time.</param>
        public void Step(DateTimeOffset utcNow, long elapsedMs, bool timeSynchronised = true)
        {
            _elapsedMs = elapsedMs;
            Device.Step(utcNow.UtcDateTime, timeSynchronised, elapsedMs - _bootMs);
            if (_uplink.Deliver(Device) > 0)
            {
                Device.Step(utcNow.UtcDateTime, timeSynchronised, elapsedMs - _bootMs);
            }
        }

        /// <summary>
        /// Power comes back: the device starts anew over the same flash, and its pulse counters from zero. Pulses that
        /// it had not saved are lost, as on the real board.
        /// </summary>
        public void Reboot()
        {
            _flash.PowerOn();
            _bootMs = _elapsedMs;
            ProductionPulses = 0;
            ConsumptionPulses = 0;
            IsRelayLocked = false;
            Device = new Device(_config, _seed, this, _flash, this, _uplink);
            if (_uplink.IsConnected)
            {
                Device.OnConnected();
            }
        }

        void IRelay.Set(bool locked) => IsRelayLocked = locked;

        private static long RequireForward(long pulses)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(pulses);
            return pulses;
        }

        private long ToPulses(long milliwattHours, ref long residue)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(milliwattHours);
            var total = checked((milliwattHours * _config.ImpulsesPerKwh) + residue);
            residue = total % MilliwattHoursPerKwh;
            return total / MilliwattHoursPerKwh;
        }
    }
}
