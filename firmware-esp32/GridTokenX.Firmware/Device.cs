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
    /// The whole device as a step function: it measures, signs, keeps, publishes and obeys when it is called, and never waits.
    /// Everything is called from one thread. An exception out of any call comes from the flash: what was not saved is not said
    /// either, and the next Step tries again; the shell restarts the device when that does not help.
    /// </summary>
    public sealed class Device
    {
        public const string FirmwareVersion = "0.1.0";

        private const int PayloadMax = 1024;

        private readonly DeviceConfig _config;
        private readonly DeviceKey _key;
        private readonly IMeterInput _input;
        private readonly IRelay _relay;
        private readonly IUplink _uplink;

        private readonly DeviceMemory _memory;
        private readonly EnergyRegister _production;
        private readonly EnergyRegister _consumption;
        private readonly Battery _battery;
        private readonly EnergyLock _lock;
        private readonly Statements _statements;
        private readonly IntervalClock _intervals;
        private readonly ReadingRing _ring;
        private readonly ReadingSender _sender;
        private readonly Messages _messages;
        private readonly JsonReader _json = new JsonReader();
        private readonly CommandMessage _command = new CommandMessage();
        private readonly byte[] _signed = new byte[ReadingRing.SignedLength];

        private readonly string _stateTopic;
        private readonly string _statusTopic;
        private readonly string _commandTopic;
        private readonly string _ackTopic;

        private byte[] _statePayload;
        private bool _isRestored;
        private bool _isUnsaved;
        private bool _hasUnsavedEnergy;
        private long _savedAtMs;
        private long _unixNow;
        private bool _timeKnown;
        private long _uptimeMs;

        /// <param name="config">Read once, now.</param>
        /// <param name="seed">32 bytes of the device's key; not kept.</param>
        /// <param name="input">Pulses, state of charge, tamper contact.</param>
        /// <param name="flash">Holds what must survive a power cut.</param>
        /// <param name="relay">Is set at once, to what it was before the power went.</param>
        /// <param name="uplink">Messages to the gateway.</param>
        /// <exception cref="ArgumentException">A value of the configuration is out of its range.</exception>
        /// <exception cref="InvalidOperationException">The stored record is damaged beyond repair: this device must not sign any
        /// more, because it could repeat a sequence or go back with a register.</exception>
        public Device(
            DeviceConfig config, byte[] seed, IMeterInput input, IFlash flash, IRelay relay, IUplink uplink)
        {
            config.Check();
            _config = config;
            _input = input;
            _relay = relay;
            _uplink = uplink;
            _key = new DeviceKey(seed);
            Id = Base58.Encode(_key.PublicKey);
            _stateTopic = Topics.State(Id);
            _statusTopic = Topics.Status(Id);
            _commandTopic = Topics.Command(Id);
            _ackTopic = Topics.ReadingAck(Id);
            _messages = new Messages(Id);

            _memory = new DeviceMemory(flash);
            _ring = new ReadingRing(flash, _key.PublicKey);
            _production = new EnergyRegister(config.ImpulsesPerKwh);
            _consumption = new EnergyRegister(config.ImpulsesPerKwh);
            _battery = new Battery(config.BatteryCapacityWh, config.BatteryReservePermille);
            _lock = new EnergyLock(_memory);
            _statements = new Statements(_memory, _key);
            _sender = new ReadingSender(_ring, uplink, _messages, Topics.Reading(Id));
            Restore();
            _intervals = new IntervalClock(config.IntervalSeconds, _memory.ReadingEnd);
            ReadingBytes.WriteHeader(_signed, _key.PublicKey);
            _relay.Set(_lock.IsHeld);
        }

        /// <summary>The public key in Base58: the device's name everywhere.</summary>
        public string Id { get; }

        public byte[] PublicKey => (byte[])_key.PublicKey.Clone();

        public long ProductionWh => _production.WattHours;

        public long ConsumptionWh => _consumption.WattHours;

        /// <summary>Sequence of the last reading; 0 before the first.</summary>
        public long ReadingSequence => _memory.ReadingSequence;

        public int UnacknowledgedReadings => _ring.Count;

        /// <summary>Readings that had to give way in a full ring since boot.</summary>
        public int DroppedReadings => _ring.Dropped;

        /// <summary>Sequence of the last statement about the lock; 0 before the first.</summary>
        public long StateSequence => _memory.StateSequence;

        /// <summary>One of the State constants of <see cref="StateBytes"/>.</summary>
        public int LockState => _memory.LockState;

        /// <summary>Messages since boot that got no answer: not for this device, not well formed, or with a wrong MAC.</summary>
        public int IgnoredMessages { get; private set; }

        /// <summary>What the broker is to say, retained on the status topic, when the device goes silently.</summary>
        public static byte[] LastWill() => new Messages(string.Empty).Status(false, FirmwareVersion, 0);

        /// <summary>
        /// Does what is due now; calling it again at the same time does nothing twice. Readings are only made while the time is
        /// known: until then the registers carry the energy.
        /// </summary>
        /// <param name="utcNow">May jump either way.</param>
        /// <param name="timeSynchronised">Whether <paramref name="utcNow"/> can be relied on.</param>
        /// <param name="uptimeMs">Since boot, never going back, whatever the clock does.</param>
        public void Step(DateTime utcNow, bool timeSynchronised, long uptimeMs)
        {
            var unix = (utcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
            _unixNow = unix < 0 ? 0 : unix;
            _timeKnown = timeSynchronised;
            _uptimeMs = uptimeMs;
            if (_isUnsaved)
            {
                SaveThenTell();
            }

            Measure();
            AdvanceLock();
            if (_timeKnown)
            {
                SayHello();
                ReadWhenDue();
            }

            SaveStaleRegisters();
            _sender.Run(_uptimeMs);
        }

        /// <summary>The uplink was made, or made again.</summary>
        public void OnConnected()
        {
            _uplink.Publish(_statusTopic, _messages.Status(true, FirmwareVersion, _uptimeMs / 1000), true);
            PublishState();
            _sender.Restart();
            _sender.Run(_uptimeMs);
        }

        /// <summary>A message on one of the device's topics. Whatever it holds, it does no more than be ignored.</summary>
        public void OnMessage(string topic, byte[] payload)
        {
            if (payload == null || payload.Length > PayloadMax)
            {
                IgnoredMessages++;
                return;
            }

            _json.Reset(payload);
            if (topic == _ackTopic)
            {
                OnAcknowledgement();
            }
            else if (topic == _commandTopic)
            {
                OnCommand();
            }
            else
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

        /// <summary>
        /// The record, and the newest kept reading: a reading is written before the record, so it may be one ahead.
        /// </summary>
        private void Restore()
        {
            var wasSaved = _memory.Load();
            var newest = _ring.Load(_signed);
            if (newest > _memory.ReadingSequence)
            {
                _memory.ReadingSequence = newest;
                _memory.ReadingEnd = ReadingBytes.EndUnixSeconds(_signed);
                RaiseRegisters(ReadingBytes.ProductionWh(_signed), ReadingBytes.ConsumptionWh(_signed));
                _isUnsaved = true;
            }

            _isRestored = wasSaved || newest > 0;
            _production.Restore(_memory.ProductionWh, _memory.ProductionCarry, _memory.ImpulsesPerKwh);
            _consumption.Restore(_memory.ConsumptionWh, _memory.ConsumptionCarry, _memory.ImpulsesPerKwh);
        }

        private void RaiseRegisters(long productionWh, long consumptionWh)
        {
            if (productionWh > _memory.ProductionWh)
            {
                _memory.ProductionWh = productionWh;
                _memory.ProductionCarry = 0;
            }

            if (consumptionWh > _memory.ConsumptionWh)
            {
                _memory.ConsumptionWh = consumptionWh;
                _memory.ConsumptionCarry = 0;
            }
        }

        private void Measure()
        {
            var hasProduced = _production.Count(_input.ProductionPulses);
            var hasConsumed = _consumption.Count(_input.ConsumptionPulses);
            _hasUnsavedEnergy = _hasUnsavedEnergy || hasProduced || hasConsumed;
            _lock.Deliver(_production.WattHours);
        }

        private void AdvanceLock()
        {
            for (var cause = _lock.Advance(_timeKnown, _unixNow); cause != 0;
                cause = _lock.Advance(_timeKnown, _unixNow))
            {
                _statements.Change(cause, _unixNow, Permille(), Flags());
                SaveThenTell();
            }
        }

        /// <summary>A device that never said anything begins with where it stands.</summary>
        private void SayHello()
        {
            if (_memory.StateSequence == 0)
            {
                _statements.Change(StateBytes.CauseBoot, _unixNow, Permille(), Flags());
                SaveThenTell();
            }
        }

        private void ReadWhenDue()
        {
            var end = _intervals.Due(_unixNow);
            if (end == 0)
            {
                return;
            }

            _memory.ReadingSequence++;
            _memory.ReadingEnd = end;
            _isUnsaved = true;
            ReadingBytes.Write(
                _signed, _memory.ReadingSequence, end, _production.WattHours, _consumption.WattHours,
                Permille(), Flags(), _config.IntervalSeconds);
            _key.Sign(_signed, ReadingBytes.Length, _signed, ReadingBytes.Length);
            _ring.Append(_signed);
            Save();
            _isRestored = false;
            _sender.Run(_uptimeMs);
            PublishState();
        }

        private void SaveStaleRegisters()
        {
            if (_hasUnsavedEnergy && _uptimeMs - _savedAtMs >= _config.IntervalSeconds * 1000L)
            {
                Save();
            }
        }

        private void OnAcknowledgement()
        {
            var sequence = 0L;
            while (_json.Next())
            {
                if (_json.Is("sequence") && (sequence != 0 || !_json.TryGetInt64(out sequence)))
                {
                    sequence = -1;
                }
            }

            if (!_json.IsWhole || sequence < 1)
            {
                IgnoredMessages++;
                return;
            }

            _sender.Acknowledge(sequence, _uptimeMs);
            _sender.Run(_uptimeMs);
        }

        private void OnCommand()
        {
            if (!_command.TryParse(_json, Id) || !_command.IsAuthentic(_config.CommandKey, _key.PublicKey))
            {
                IgnoredMessages++;
                return;
            }

            if (IsLastCommand())
            {
                AnswerAgain();
                return;
            }

            Measure();
            AdvanceLock();
            if (_command.Counter <= _memory.CommandCounter)
            {
                RefuseCounter();
                return;
            }

            _memory.CommandCounter = _command.Counter;
            Array.Copy(_command.Mac, 0, _memory.CommandMac, 0, CommandBytes.MacLength);
            _isUnsaved = true;
            var refusal = Obey();
            if (refusal == StateBytes.RefusalNone)
            {
                _memory.ObeyedCounter = _command.Counter;
                var cause = _command.Kind == CommandBytes.KindLock
                    ? StateBytes.CauseLockAccepted
                    : StateBytes.CauseReleased;
                _statements.Change(cause, _unixNow, Permille(), Flags());
            }
            else
            {
                Refuse(refusal);
            }

            _statements.KeepAnswer();
            SaveThenTell();
            AdvanceLock();
        }

        private int Obey()
        {
            if (!_timeKnown)
            {
                return StateBytes.RefusalTimeUnknown;
            }

            if (_command.Expires <= _unixNow)
            {
                return StateBytes.RefusalExpired;
            }

            return _command.Kind == CommandBytes.KindLock
                ? _lock.Hold(
                    _command.Order, _command.EnergyWh, _command.Expires, _production.WattHours,
                    _battery.AvailableWh(_input.StateOfChargePermille))
                : _lock.Release(_command.Order);
        }

        private void Refuse(int refusal) =>
            _statements.Refusal(
                refusal, _command.Counter, _command.Order, _lock.IsHeld && _lock.IsOf(_command.Order), _unixNow, Permille(),
                Flags());

        /// <summary>An old command again. The same one twice in a row is answered once: nobody wears out the flash so.</summary>
        private void RefuseCounter()
        {
            var isAnswered = _memory.StateSequence > 0
                && StateBytes.Refusal(_memory.Statement) == StateBytes.RefusalCounter
                && StateBytes.Counter(_memory.Statement) == _command.Counter;
            if (isAnswered)
            {
                PublishState();
                return;
            }

            Refuse(StateBytes.RefusalCounter);
            SaveThenTell();
        }

        private bool IsLastCommand()
        {
            if (_command.Counter != _memory.CommandCounter)
            {
                return false;
            }

            for (var i = 0; i < CommandBytes.MacLength; i++)
            {
                if (_command.Mac[i] != _memory.CommandMac[i])
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>The answer as it was, and what has changed since.</summary>
        private void AnswerAgain()
        {
            if (StateBytes.Sequence(_memory.Answer) != _memory.StateSequence && !_isUnsaved)
            {
                _uplink.Publish(_stateTopic, _messages.State(_memory.Answer), false);
            }

            PublishState();
        }

        private void SaveThenTell()
        {
            _statePayload = null;
            Save();
            _relay.Set(_lock.IsHeld);
            PublishState();
        }

        private void Save()
        {
            _isUnsaved = true;
            _memory.ProductionWh = _production.WattHours;
            _memory.ProductionCarry = _production.Carry;
            _memory.ConsumptionWh = _consumption.WattHours;
            _memory.ConsumptionCarry = _consumption.Carry;
            _memory.ImpulsesPerKwh = _config.ImpulsesPerKwh;
            _memory.Save();
            _isUnsaved = false;
            _hasUnsavedEnergy = false;
            _savedAtMs = _uptimeMs;
        }

        private void PublishState()
        {
            if (_isUnsaved || _memory.StateSequence == 0 || !_uplink.IsConnected)
            {
                return;
            }

            if (_statePayload == null)
            {
                _statePayload = _messages.State(_memory.Statement);
            }

            _uplink.Publish(_stateTopic, _statePayload, false);
        }

        private int Permille() => _battery.Permille(_input.StateOfChargePermille);

        private int Flags()
        {
            var flags = _timeKnown ? 0 : ReadingBytes.FlagTimeNotSynchronised;
            flags |= _lock.IsHeld ? ReadingBytes.FlagLocked : 0;
            flags |= _input.Tamper ? ReadingBytes.FlagTamper : 0;
            flags |= _isRestored ? ReadingBytes.FlagRegistersRestored : 0;
            return flags;
        }
    }
}
