using System;
using GridTokenX.Firmware.Signing;
using GridTokenX.Firmware.Storage;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Lock
{
    /// <summary>Signs what the device says about its lock into its memory; saving and publishing it is the caller's part.</summary>
    internal sealed class Statements
    {
        private readonly DeviceMemory _memory;
        private readonly DeviceKey _key;

        internal Statements(DeviceMemory memory, DeviceKey key)
        {
            _memory = memory;
            _key = key;
        }

        /// <summary>A change of the lock, or the first statement of all.</summary>
        internal void Change(int cause, long unixNow, int permille, int flags)
        {
            Begin(unixNow, permille, flags);
            StateBytes.WriteLock(
                _memory.Statement, _memory.ObeyedCounter, _memory.LockState, cause, StateBytes.RefusalNone,
                _memory.LockOrder, _memory.LockEnergyWh, _memory.LockDeliveredWh);
            Sign();
        }

        /// <summary>A refusal; the energy is what is held for the refused order, which is none unless it is the lock's own.</summary>
        internal void Refusal(
            int refusal, long counter, byte[] order, bool isHeldOrder, long unixNow, int permille, int flags)
        {
            Begin(unixNow, permille, flags);
            StateBytes.WriteLock(
                _memory.Statement, counter, _memory.LockState, StateBytes.CauseRefused, refusal,
                order, isHeldOrder ? _memory.LockEnergyWh : 0, isHeldOrder ? _memory.LockDeliveredWh : 0);
            Sign();
        }

        /// <summary>Keeps the newest statement as the answer to the last command.</summary>
        internal void KeepAnswer() => Array.Copy(_memory.Statement, 0, _memory.Answer, 0, DeviceMemory.StatementLength);

        private void Begin(long unixNow, int permille, int flags)
        {
            _memory.StateSequence++;
            StateBytes.WriteHeader(
                _memory.Statement, _key.PublicKey, _memory.StateSequence, unixNow, permille, flags);
        }

        private void Sign() => _key.Sign(_memory.Statement, StateBytes.Length, _memory.Statement, StateBytes.Length);
    }
}
