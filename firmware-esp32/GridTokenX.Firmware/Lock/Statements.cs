using System;
using GridTokenX.Firmware.Metering;
using GridTokenX.Firmware.Signing;
using GridTokenX.Firmware.Storage;
using GridTokenX.Firmware.Uplink;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Lock
{
    /// <summary>
    /// What the device says about its lock: signed into its memory, saved, and only then published. Nobody acknowledges
    /// it, and whoever has taken it may die with it: so it is told again after 10 s, then after twice as long each
    /// time, and every six hours in the end. That begins anew with each change, each connection and each consent.
    /// </summary>
    internal sealed class Statements
    {
        private const long FirstPatienceMs = 10000;
        private const long PatienceMaxMs = 6 * 60 * 60 * 1000;

        private readonly DeviceMemory _memory;
        private readonly DeviceKey _key;
        private readonly Condition _condition;
        private readonly Moment _now;
        private readonly IRelay _relay;
        private readonly IUplink _uplink;
        private readonly Messages _messages;
        private readonly string _topic;
        private readonly byte[] _newest = new byte[Messages.LengthMax];
        private int _newestLength;
        private long _toldAtMs;
        private long _patienceMs = PatienceMaxMs;

        internal Statements(
            DeviceMemory memory, DeviceKey key, Condition condition, Moment now, IRelay relay, IUplink uplink,
            Messages messages, string topic)
        {
            _memory = memory;
            _key = key;
            _condition = condition;
            _now = now;
            _relay = relay;
            _uplink = uplink;
            _messages = messages;
            _topic = topic;
        }

        /// <summary>Signs a change of the lock, or the first statement of all.</summary>
        internal void Change(int cause)
        {
            Begin();
            StateBytes.WriteLock(
                _memory.Statement, _memory.ObeyedCounter, _memory.LockState, cause, StateBytes.RefusalNone,
                _memory.LockOrder, _memory.LockEnergyWh, _memory.LockDeliveredWh);
            End();
        }

        /// <summary>
        /// Signs a refusal; its energy is what is held for the refused order, none unless it is the lock's own.
        /// </summary>
        internal void Refusal(int refusal, CommandMessage command, bool isHeldOrder)
        {
            Begin();
            StateBytes.WriteLock(
                _memory.Statement, command.Counter, _memory.LockState, StateBytes.CauseRefused, refusal,
                command.Order, isHeldOrder ? _memory.LockEnergyWh : 0, isHeldOrder ? _memory.LockDeliveredWh : 0);
            End();
        }

        /// <summary>Keeps the newest statement as the answer to the last command.</summary>
        internal void KeepAnswer() => Array.Copy(_memory.Statement, 0, _memory.Answer, 0, DeviceMemory.StatementLength);

        internal bool IsRefusalOf(int refusal, long counter) =>
            _memory.StateSequence > 0
            && StateBytes.Refusal(_memory.Statement) == refusal
            && StateBytes.Counter(_memory.Statement) == counter;

        /// <summary>Saves, lets the relay follow, publishes.</summary>
        internal void SaveThenTell()
        {
            _newestLength = 0;
            _memory.Save();
            _relay.Set(_memory.LockState != StateBytes.StateIdle);
            TellAnew();
        }

        /// <summary>To somebody who may not have heard it: publishes, and repeats soon.</summary>
        internal void TellAnew()
        {
            _patienceMs = FirstPatienceMs;
            PublishNewest();
        }

        /// <summary>Does nothing while there is nothing saved to say, or nobody to hear it.</summary>
        internal void PublishNewest()
        {
            if (_memory.IsUnsaved || _memory.StateSequence == 0 || !_uplink.IsConnected)
            {
                return;
            }

            // Its signature in Base58 costs more than all the rest of an interval: it is made once.
            if (_newestLength == 0)
            {
                _newestLength = _messages.State(_memory.Statement);
                Array.Copy(_messages.Buffer, 0, _newest, 0, _newestLength);
            }

            _uplink.Publish(_topic, _newest, _newestLength, false);
            _toldAtMs = _now.UptimeMs;
        }

        /// <summary>Tells it again when that is due.</summary>
        internal void Repeat()
        {
            if (_now.UptimeMs - _toldAtMs < _patienceMs || !_uplink.IsConnected)
            {
                return;
            }

            _patienceMs = _patienceMs * 2 > PatienceMaxMs ? PatienceMaxMs : _patienceMs * 2;
            PublishNewest();
        }

        /// <summary>The answer to the last command as it was, and what has changed since.</summary>
        internal void PublishAnswer()
        {
            if (!_memory.IsUnsaved && StateBytes.Sequence(_memory.Answer) != _memory.StateSequence)
            {
                _uplink.Publish(_topic, _messages.Buffer, _messages.State(_memory.Answer), false);
            }

            PublishNewest();
        }

        private void Begin()
        {
            _memory.StateSequence++;
            _memory.IsUnsaved = true;
            StateBytes.WriteHeader(
                _memory.Statement, _key.PublicKey, _memory.StateSequence, _now.Unix, _condition.Permille,
                _condition.Flags);
        }

        private void End() => _key.Sign(_memory.Statement, StateBytes.Length, _memory.Statement, StateBytes.Length);
    }
}
