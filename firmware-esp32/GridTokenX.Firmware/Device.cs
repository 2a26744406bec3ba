using System;
using GridTokenX.Firmware.Lock;
using GridTokenX.Firmware.Metering;
using GridTokenX.Firmware.Readings;
using GridTokenX.Firmware.Signing;
using GridTokenX.Firmware.Storage;
using GridTokenX.Firmware.Uplink;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware
{
    /// <summary>
    /// The whole device as a step function: it measures, signs, keeps, publishes and obeys when it is called, and never
    /// waits. Everything is called from one thread. An exception out of any call comes from the flash: what was not
    /// saved is not said either, and the next Step tries again; the shell restarts the device when that does not help.
    /// </summary>
    public sealed class Device
    {
        public const string FirmwareVersion = "0.1.0";

        private const int PayloadMax = 1024;

        private readonly DeviceConfig _config;
        private readonly DevicePorts _ports;
        private readonly DeviceKey _key;
        private readonly Moment _now = new Moment();
        private readonly DeviceMemory _memory;
        private readonly Meter _meter;
        private readonly Condition _condition;
        private readonly IntervalClock _intervals;
        private readonly ReadingRing _ring;
        private readonly ReadingSender _sender;
        private readonly Statements _statements;
        private readonly CommandDesk _desk;
        private readonly Messages _messages;
        private readonly JsonReader _json = new JsonReader();
        private readonly byte[] _reading = new byte[ReadingRing.ReadingLength];
        private readonly string _statusTopic;
        private readonly string _consentTopic;
        private readonly string _commandTopic;
        private readonly string _ackTopic;
        private bool _hasUnsavedEnergy;
        private long _savedAtMs;

        /// <param name="config">Read once, now.</param>
        /// <param name="key">Signs.</param>
        /// <param name="ports">What the device measures, keeps, moves and speaks through.</param>
        /// <exception cref="ArgumentException">A value of the configuration is out of its range.</exception>
        /// <exception cref="InvalidOperationException">The stored record is damaged beyond repair: this device must not
        /// sign any more, because it could repeat a sequence or go back with a register.</exception>
        public Device(DeviceConfig config, DeviceKey key, DevicePorts ports)
        {
            config.Check();
            _config = config;
            _ports = ports;
            _key = key;
            Id = Base58.Encode(_key.PublicKey);
            PublicKey = (byte[])_key.PublicKey.Clone();
            _statusTopic = Topics.Status(Id);
            _consentTopic = Topics.Consent(Id);
            _commandTopic = Topics.Command(Id);
            _ackTopic = Topics.ReadingAck(Id);
            _messages = new Messages(Id);

            _memory = new DeviceMemory(ports.Flash);
            _ring = new ReadingRing(ports.Flash, _key.PublicKey);
            _condition = new Condition(config, ports.Input, _memory, _now);
            _condition.IsRestored = Restore();
            _meter = new Meter(config.ImpulsesPerKwh, ports.Input, _memory);
            _intervals = new IntervalClock(config.IntervalSeconds, _memory.ReadingEnd);
            _sender = new ReadingSender(_ring, ports.Uplink, _messages, Topics.Reading(Id));
            _statements = new Statements(
                _memory, _key, _condition, _now, ports.Relay, ports.Uplink, _messages, Topics.State(Id));
            _desk = new CommandDesk(_memory, _condition, _now, _statements, ports.Mac);
            ReadingBytes.WriteHeader(_reading, _key.PublicKey);
            ports.Relay.Set(_memory.LockState != StateBytes.StateIdle);
        }

        /// <summary>The public key in Base58: the device's name everywhere.</summary>
        public string Id { get; }

        public byte[] PublicKey { get; }

        /// <summary>
        /// 32 bytes shared with the cloud at pairing; null before, and then every command is a stranger's.
        /// </summary>
        public byte[] CommandKey { get; set; }

        public long ProductionWh => _memory.ProductionWh;

        public long ConsumptionWh => _memory.ConsumptionWh;

        /// <summary>Sequence of the last reading; 0 before the first.</summary>
        public long ReadingSequence => _memory.ReadingSequence;

        public int UnacknowledgedReadings => _ring.Count;

        /// <summary>Readings that had to give way in a full ring since boot.</summary>
        public int DroppedReadings => _ring.Dropped;

        /// <summary>Sequence of the last statement about the lock; 0 before the first.</summary>
        public long StateSequence => _memory.StateSequence;

        /// <summary>One of the State constants of <see cref="StateBytes"/>.</summary>
        public int LockState => _memory.LockState;

        /// <summary>
        /// Messages since boot that got no answer: not for this device, not well formed, or with a wrong MAC.
        /// </summary>
        public int IgnoredMessages { get; private set; }

        /// <summary>What the broker is to say, retained on the status topic, when the device goes silently.</summary>
        public static byte[] LastWill()
        {
            var messages = new Messages(string.Empty);
            var will = new byte[messages.Status(false, FirmwareVersion, 0)];
            Array.Copy(messages.Buffer, 0, will, 0, will.Length);
            return will;
        }

        /// <summary>
        /// Does what is due now; calling it again at the same time does nothing twice. Readings are only made while the
        /// time is known: until then the registers carry the energy.
        /// </summary>
        /// <param name="utcNow">May jump either way.</param>
        /// <param name="timeSynchronised">Whether <paramref name="utcNow"/> can be relied on.</param>
        /// <param name="uptimeMs">Since boot, never going back, whatever the clock does.</param>
        public void Step(DateTime utcNow, bool timeSynchronised, long uptimeMs)
        {
            _now.Set(utcNow, timeSynchronised, uptimeMs);
            if (_memory.IsUnsaved)
            {
                _statements.SaveThenTell();
            }

            Measure();
            if (timeSynchronised)
            {
                _desk.SayHello();
                ReadWhenDue();
            }

            SaveStaleRegisters();
            _sender.Run(uptimeMs);
            _statements.Repeat();
        }

        /// <summary>
        /// The uplink was made, or made again. Readings are sent only after the first of these calls.
        /// </summary>
        public void OnConnected()
        {
            var length = _messages.Status(true, FirmwareVersion, _now.UptimeMs / 1000);
            _ports.Uplink.Publish(_statusTopic, _messages.Buffer, length, true);
            _statements.TellAnew();
            _sender.Restart();
            _sender.Run(_now.UptimeMs);
        }

        /// <summary>
        /// A message on one of the device's topics. Whatever it holds, the worst is that it is ignored.
        /// </summary>
        public void OnMessage(string topic, byte[] payload)
        {
            var isUnderstood = false;
            if (payload != null && payload.Length <= PayloadMax)
            {
                _json.Reset(payload);
                if (topic == _ackTopic)
                {
                    isUnderstood = TryAcknowledge();
                }
                else if (topic == _commandTopic)
                {
                    Measure();
                    isUnderstood = _desk.TryAnswer(_json, Id, _key.PublicKey, CommandKey);
                }
            }

            if (!isUnderstood)
            {
                IgnoredMessages++;
            }
        }

        /// <summary>The device's consent to belong to this owner and speak through this gateway, 64 bytes.</summary>
        /// <param name="ownerWallet">32 bytes.</param>
        /// <param name="gateway">32 bytes.</param>
        public byte[] SignRegistration(byte[] ownerWallet, byte[] gateway)
        {
            var bytes = new byte[RegistrationBytes.Length];
            var signature = new byte[DeviceKey.SignatureLength];
            RegistrationBytes.Write(bytes, _key.PublicKey, ownerWallet, gateway);
            _key.Sign(bytes, bytes.Length, signature, 0);
            return signature;
        }

        /// <summary>Signs that consent and tells the gateway; to be called only when somebody stands at the device.
        /// What was said about the lock before was not listened to: it is said anew.</summary>
        public bool PublishConsent(byte[] ownerWallet, byte[] gateway)
        {
            _statements.TellAnew();
            var length = _messages.Consent(ownerWallet, gateway, SignRegistration(ownerWallet, gateway));
            return _ports.Uplink.Publish(_consentTopic, _messages.Buffer, length, false);
        }

        /// <summary>Saves what is not saved yet: to be called before a restart that is intended.</summary>
        public void Rest()
        {
            Measure();
            if (_hasUnsavedEnergy || _memory.IsUnsaved)
            {
                Save();
            }
        }

        /// <summary>
        /// The record, and the newest kept reading: a reading is written before the record, so it may be one ahead.
        /// </summary>
        /// <returns>Whether this device has run before.</returns>
        private bool Restore()
        {
            var hasMeasured = _memory.Load() && _memory.ImpulsesPerKwh > 0;
            _ring.Load(_reading);
            if (_ring.Newest > _memory.ReadingSequence)
            {
                _memory.Raise(_reading);
            }

            return hasMeasured || _ring.Newest > 0;
        }

        private void Measure()
        {
            if (_meter.Measure())
            {
                _hasUnsavedEnergy = true;
            }

            _desk.Advance();
        }

        private void ReadWhenDue()
        {
            var end = _intervals.Due(_now.Unix);
            if (end == 0)
            {
                return;
            }

            _memory.ReadingSequence++;
            _memory.ReadingEnd = end;
            _memory.IsUnsaved = true;
            ReadingBytes.Write(
                _reading, _memory.ReadingSequence, end, _memory.ProductionWh, _memory.ConsumptionWh,
                _condition.Permille, _condition.Flags, _config.IntervalSeconds);
            _key.Sign(_reading, ReadingBytes.Length, _reading, ReadingBytes.Length);
            _ring.Append(_reading);
            Save();
            _condition.IsRestored = false;
            _sender.Run(_now.UptimeMs);
        }

        private void SaveStaleRegisters()
        {
            if (_hasUnsavedEnergy && _now.UptimeMs - _savedAtMs >= _config.IntervalSeconds * 1000L)
            {
                Save();
            }
        }

        private void Save()
        {
            _memory.Save();
            _hasUnsavedEnergy = false;
            _savedAtMs = _now.UptimeMs;
        }

        private bool TryAcknowledge()
        {
            var sequence = 0L;
            while (_json.Next())
            {
                if (_json.Is("sequence") && (sequence != 0 || !_json.TryGetInt64(out sequence)))
                {
                    return false;
                }
            }

            if (!_json.IsWhole || sequence < 1)
            {
                return false;
            }

            _sender.Acknowledge(sequence, _now.UptimeMs);
            _sender.Run(_now.UptimeMs);
            return true;
        }
    }
}
