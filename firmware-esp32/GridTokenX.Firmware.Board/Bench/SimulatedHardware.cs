#nullable enable
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Threading;
using nanoFramework.Hardware.Esp32;

namespace GridTokenX.Firmware.Board
{
    /// <summary>
    /// One ESP32 with everything wired to it, as nanoFramework's device APIs (in Nano/) see it. Which board those mean
    /// is the one entered last in the same flow of control: many boards live in one process, each on its own.
    /// </summary>
    public sealed class SimulatedHardware
    {
        private const int AdcMax = 4095;
        private const int SerialLinesMax = 256;

        private static readonly AsyncLocal<SimulatedHardware?> Entered = new();

        private readonly Dictionary<int, SimulatedWire> _wires = [];
        private readonly Dictionary<(int Bus, int Address), II2cChip> _chips = [];
        private readonly Dictionary<int, DeviceFunction> _functions = [];
        private readonly ConcurrentQueue<string> _serial = new();
        private long _bootStamp;
        private TimeSpan _clockError;

        /// <param name="time">The true time, and a clock that never goes back.</param>
        /// <param name="flash">Outlives power cuts; is the board's own when null.</param>
        /// <param name="network">What is on the air's other side.</param>
        public SimulatedHardware(TimeProvider time, SimulatedFlash? flash = null, SimulatedNetwork? network = null)
        {
            Time = time;
            Flash = flash ?? new SimulatedFlash();
            Network = network ?? new SimulatedNetwork();
            PowerOn();
        }

        /// <summary>The firmware wrote a line to the serial port; raised on the thread that did.</summary>
        public event Action<string>? SerialWritten;

        /// <summary>
        /// The firmware restarted the chip; only <see cref="Reset"/> or <see cref="PowerOn"/> goes on.
        /// </summary>
        public event Action? Restarted;

        public TimeProvider Time { get; }

        public SimulatedFlash Flash { get; }

        public SimulatedNetwork Network { get; }

        public SimulatedWifi Wifi { get; } = new();

        public bool IsPowered => Flash.IsPowered;

        /// <summary>Restarts that the firmware itself asked for.</summary>
        public int Restarts { get; private set; }

        /// <summary>Whether the time server answers.</summary>
        public bool HasTimeServer { get; set; } = true;

        /// <summary>Whether the network tells the addresses of names.</summary>
        public bool HasNames { get; set; } = true;

        /// <summary>Millivolts at the ADC's channels; the chip measures up to 3300.</summary>
        public IDictionary<int, int> AdcMillivolts { get; } = new Dictionary<int, int>();

        /// <summary>The hardware generator; its draws can be scripted.</summary>
        public Action<byte[]> Entropy { get; set; } = buffer => RandomNumberGenerator.Fill(buffer);

        /// <summary>The newest lines of the serial port, oldest first.</summary>
        public IReadOnlyCollection<string> Serial => _serial;

        internal static SimulatedHardware Current =>
            Entered.Value ?? throw new InvalidOperationException("No simulated board was entered.");

        internal string TimeServer { get; set; } = string.Empty;

        internal bool IsSntpStarted { get; set; }

        internal DateTime UtcNow
        {
            get
            {
                CheckPower();
                return Time.GetUtcNow().UtcDateTime + _clockError;
            }
        }

        internal long UptimeMs
        {
            get
            {
                CheckPower();
                return (long)Time.GetElapsedTime(_bootStamp).TotalMilliseconds;
            }
        }

        /// <summary>Calls of the device APIs mean this board until the result is disposed of.</summary>
        public Entry Enter()
        {
            var entry = new Entry(Entered.Value);
            Entered.Value = this;
            return entry;
        }

        /// <summary>A pin's wire, with what hangs on it.</summary>
        public SimulatedWire Wire(int pin)
        {
            lock (_wires)
            {
                if (!_wires.TryGetValue(pin, out var wire))
                {
                    wire = new SimulatedWire(pin);
                    _wires.Add(pin, wire);
                }

                return wire;
            }
        }

        public void Attach(int bus, int address, II2cChip chip) => _chips[(bus, address)] = chip;

        /// <summary>The power goes: nothing of the firmware runs on.</summary>
        public void CutPower() => Flash.CutPower();

        /// <summary>
        /// Power comes: pulse counters begin at zero, outputs are low, nothing is connected, and it is 1970.
        /// </summary>
        public void PowerOn()
        {
            _clockError = DateTime.UnixEpoch - Time.GetUtcNow().UtcDateTime;
            Reset();
        }

        /// <summary>
        /// The chip begins again as when power comes, but its clock has gone on: only a power-up resets it (ESP-IDF,
        /// System Time).
        /// </summary>
        public void Reset()
        {
            Flash.PowerOn();
            _bootStamp = Time.GetTimestamp();
            IsSntpStarted = false;
            Wifi.Leave();
            lock (_wires)
            {
                foreach (var wire in _wires.Values)
                {
                    wire.Release();
                }
            }
        }

        /// <summary>The chip's clock jumps.</summary>
        public void JumpClock(TimeSpan by) => _clockError += by;

        internal void SetClock(DateTime utc) => _clockError = utc - Time.GetUtcNow().UtcDateTime;

        internal void AskTimeServer()
        {
            if (IsSntpStarted && HasTimeServer && Wifi.IsUp)
            {
                _clockError = TimeSpan.Zero;
            }
        }

        internal void Restart()
        {
            CheckPower();
            Restarts++;
            Flash.CutPower();
            Restarted?.Invoke();
            throw new PowerCutException("The firmware restarted the chip.");
        }

        internal void AssignPin(int pin, DeviceFunction function) => _functions[pin] = function;

        internal II2cChip? I2cChip(int bus, int address)
        {
            CheckPower();
            return _functions.ContainsValue(DeviceFunction.I2C1_DATA)
                && _functions.ContainsValue(DeviceFunction.I2C1_CLOCK)
                && _chips.TryGetValue((bus, address), out var chip) ? chip : null;
        }

        internal int ReadAdc(int channel)
        {
            CheckPower();
            AdcMillivolts.TryGetValue(channel, out var millivolts);
            return Math.Clamp(millivolts * AdcMax / 3300, 0, AdcMax);
        }

        internal void WriteSerial(string line)
        {
            CheckPower();
            _serial.Enqueue(line);
            while (_serial.Count > SerialLinesMax)
            {
                _serial.TryDequeue(out _);
            }

            SerialWritten?.Invoke(line);
        }

        internal void CheckPower()
        {
            if (!IsPowered)
            {
                throw new PowerCutException();
            }
        }

        /// <summary>Goes back to what was entered before.</summary>
        public sealed class Entry : IDisposable
        {
            private readonly SimulatedHardware? _before;

            internal Entry(SimulatedHardware? before)
            {
                _before = before;
            }

            public void Dispose() => Entered.Value = _before;
        }
    }
}
