using System;
using GridTokenX.Firmware.Metering;
using GridTokenX.Firmware.Storage;
using GridTokenX.Firmware.Uplink;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Lock
{
    /// <summary>
    /// Obeys, refuses or ignores commands, and ends locks that are over. What is refused, in this order: an old
    /// counter, a time that is not known, an expired command, another order while one is held, energy that is not
    /// there, an unknown order. A refused command has used up its counter, so it cannot be obeyed later; the same one
    /// again gets the same answer.
    /// </summary>
    internal sealed class CommandDesk
    {
        private readonly DeviceMemory _memory;
        private readonly Condition _condition;
        private readonly Moment _now;
        private readonly Statements _statements;
        private readonly IMac _mac;
        private readonly EnergyLock _lock;
        private readonly CommandMessage _command = new CommandMessage();

        internal CommandDesk(DeviceMemory memory, Condition condition, Moment now, Statements statements, IMac mac)
        {
            _memory = memory;
            _condition = condition;
            _now = now;
            _statements = statements;
            _mac = mac;
            _lock = new EnergyLock(memory);
        }

        /// <summary>Takes in what was delivered, and makes every change that is due by itself.</summary>
        internal void Advance()
        {
            _lock.Deliver(_memory.ProductionWh);
            for (var cause = NextChange(); cause != 0; cause = NextChange())
            {
                _statements.Change(cause);
                _statements.SaveThenTell();
            }
        }

        /// <summary>A device that never said anything begins with where it stands.</summary>
        internal void SayHello()
        {
            if (_memory.StateSequence == 0)
            {
                _statements.Change(StateBytes.CauseBoot);
                _statements.SaveThenTell();
            }
        }

        /// <summary>False for what gets no answer: not well formed, for another device, or with a wrong MAC.</summary>
        internal bool TryAnswer(JsonReader json, string device, byte[] publicKey, byte[] commandKey)
        {
            if (!_command.TryParse(json, device) || !_command.IsAuthentic(_mac, commandKey, publicKey))
            {
                return false;
            }

            if (IsLastCommand())
            {
                _statements.PublishAnswer();
            }
            else if (_command.Counter <= _memory.CommandCounter)
            {
                RefuseCounter();
            }
            else
            {
                Answer();
            }

            return true;
        }

        private int NextChange() => _lock.Advance(_now.IsTimeKnown, _now.Unix);

        private void Answer()
        {
            _memory.CommandCounter = _command.Counter;
            Array.Copy(_command.Mac, 0, _memory.CommandMac, 0, CommandBytes.MacLength);
            _memory.IsUnsaved = true;
            var refusal = Obey();
            if (refusal == StateBytes.RefusalNone)
            {
                _memory.ObeyedCounter = _command.Counter;
                _statements.Change(_command.Kind == CommandBytes.KindLock
                    ? StateBytes.CauseLockAccepted
                    : StateBytes.CauseReleased);
            }
            else
            {
                Refuse(refusal);
            }

            _statements.KeepAnswer();
            _statements.SaveThenTell();
            Advance();
        }

        private int Obey()
        {
            if (!_now.IsTimeKnown)
            {
                return StateBytes.RefusalTimeUnknown;
            }

            if (_command.Expires <= _now.Unix)
            {
                return StateBytes.RefusalExpired;
            }

            return _command.Kind == CommandBytes.KindLock
                ? _lock.Hold(
                    _command.Order, _command.EnergyWh, _command.Expires, _memory.ProductionWh, _condition.AvailableWh)
                : _lock.Release(_command.Order);
        }

        private void Refuse(int refusal) =>
            _statements.Refusal(refusal, _command, _lock.IsHeld && _lock.IsOf(_command.Order));

        /// <summary>
        /// The same old command twice in a row is refused once, so that nobody wears out the flash with it.
        /// </summary>
        private void RefuseCounter()
        {
            if (_statements.IsRefusalOf(StateBytes.RefusalCounter, _command.Counter))
            {
                _statements.PublishNewest();
                return;
            }

            Refuse(StateBytes.RefusalCounter);
            _statements.SaveThenTell();
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
    }
}
