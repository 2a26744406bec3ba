#nullable enable
using System;
using System.Text;
using System.Threading;
using GridTokenX.Firmware.Hardware;
using GridTokenX.Firmware.Panel;

namespace GridTokenX.Firmware.Board
{
    /// <summary>
    /// The whole firmware on its hardware, stepped in simulated time on the caller's thread. Restarts that the firmware
    /// asks for happen by themselves; after a <see cref="PowerCutException"/> only <see cref="Reboot"/> goes on.
    /// </summary>
    public sealed class SimulatedBoard : IDisposable
    {
        private readonly BoardTime _time;
        private readonly AutoResetEvent _wake = new(false);
        private Appliance? _appliance;

        private SimulatedBoard(SimulatedHardware hardware, BoardTime time)
        {
            Hardware = hardware;
            _time = time;
        }

        public SimulatedHardware Hardware { get; }

        /// <summary>Null when the firmware has found that it must not go on.</summary>
        public Device? Device => Whole.Device;

        public bool IsRelayLocked => Hardware.Wire(Firmware.Hardware.Board.Relay).IsHigh;

        /// <summary>The pairing code that the device shows now; null when none.</summary>
        public string? PairingCode => Whole.Pairing?.Code;

        /// <summary>Something has arrived that the next step will take in.</summary>
        public bool HasMessages => Whole.HasMessages;

        public bool IsOnline => Whole.IsOnline;

        /// <summary>What the firmware takes for the battery's charge, 0–1000; negative when it does not know.</summary>
        public int StateOfChargePermille => Whole.StateOfChargePermille;

        public bool IsPaired => Whole.Pairing?.CommandKey is not null;

        internal LightPattern Light => Whole.Light;

        private Appliance Whole => _appliance ?? throw new InvalidOperationException("The board is off.");

        /// <summary>A board that is switched on at this moment.</summary>
        /// <param name="config">The text of config.json.</param>
        /// <param name="utcNow">The true time.</param>
        /// <param name="flash">A new one when null.</param>
        /// <param name="network">The real one when null.</param>
        /// <param name="entropy">The hardware generator; a real one when null.</param>
        public static SimulatedBoard Start(
            string config,
            DateTimeOffset utcNow,
            SimulatedFlash? flash = null,
            SimulatedNetwork? network = null,
            Action<byte[]>? entropy = null)
        {
            var time = new BoardTime();
            time.Set(utcNow, 0);
            var hardware = new SimulatedHardware(time, flash, network);
            hardware.Flash.Install(Settings.FileName, Encoding.UTF8.GetBytes(config));
            hardware.Wire(Firmware.Hardware.Board.TamperContact).PullDown(true);
            hardware.Entropy = entropy ?? hardware.Entropy;
            var board = new SimulatedBoard(hardware, time);
            board.Boot();
            return board;
        }

        public void AddProductionPulses(long pulses) =>
            Hardware.Wire(Firmware.Hardware.Board.ProductionS0).Pulse(pulses);

        public void AddConsumptionPulses(long pulses) =>
            Hardware.Wire(Firmware.Hardware.Board.ConsumptionS0).Pulse(pulses);

        /// <summary>Puts a battery gauge on the bus.</summary>
        public SimulatedIna226 AttachGauge(int shuntMicroohm)
        {
            var chip = new SimulatedIna226(shuntMicroohm);
            Hardware.Attach(Firmware.Hardware.Board.I2cBus, Firmware.Hardware.Board.GaugeAddress, chip);
            return chip;
        }

        /// <summary>Moves the time, then lets every part of the firmware do what is due.</summary>
        /// <param name="utcNow">The true time; may leap.</param>
        /// <param name="elapsedMs">Of any clock that never goes back: the one that the firmware waits on.</param>
        public void Step(DateTimeOffset utcNow, long elapsedMs)
        {
            _time.Set(utcNow, elapsedMs);
            Step();
            if (Whole.WantsRestart)
            {
                Hardware.CutPower();
                Hardware.Reset();
                Boot();
                Step();
            }
        }

        /// <summary>Holds the button for so long, and steps at its beginning and end.</summary>
        public void PressButton(TimeSpan duration)
        {
            var button = Hardware.Wire(Firmware.Hardware.Board.Button);
            button.PullDown(true);
            Step(_time.GetUtcNow(), _time.ElapsedMs);
            button = Hardware.Wire(Firmware.Hardware.Board.Button);
            var end = _time.ElapsedMs + (long)duration.TotalMilliseconds;
            Step(_time.GetUtcNow() + duration, end);
            button.PullDown(false);
            Step(_time.GetUtcNow(), end);
        }

        /// <summary>The power goes and comes back.</summary>
        public void Reboot()
        {
            Hardware.CutPower();
            Hardware.PowerOn();
            Boot();
        }

        public void Dispose()
        {
            Hardware.CutPower();
            _wake.Dispose();
        }

        private void Step()
        {
            using (Hardware.Enter())
            {
                Whole.Connect();
                Whole.Step();
                Whole.Show();
            }
        }

        private void Boot()
        {
            _appliance = null;
            using (Hardware.Enter())
            {
                _appliance = new Appliance(_wake, _wake);
            }
        }
    }

    /// <summary>Both clocks of a board that is stepped.</summary>
    internal sealed class BoardTime : TimeProvider
    {
        private DateTimeOffset _utcNow;

        public override long TimestampFrequency => 1000;

        internal long ElapsedMs { get; private set; }

        public override DateTimeOffset GetUtcNow() => _utcNow;

        public override long GetTimestamp() => ElapsedMs;

        internal void Set(DateTimeOffset utcNow, long elapsedMs)
        {
            _utcNow = utcNow;
            ElapsedMs = Math.Max(ElapsedMs, elapsedMs);
        }
    }
}
