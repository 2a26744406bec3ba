using System;
using GridTokenX.Firmware.Storage;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Lock
{
    /// <summary>
    /// The lock's state machine. Its state stands in the device's memory; it does nothing else: no clock, no output.
    /// <code>
    ///          lock                first Wh                energy delivered, released or expired
    ///   Idle ────────► Locked ──────────────► Delivering ───────────────────────────────────────► Idle
    ///                    └──────────── released or expired ───────────────────────────────────────►
    /// </code>
    /// Delivered is what the production register grew since the lock, up to the locked energy.
    /// </summary>
    public sealed class EnergyLock
    {
        private readonly DeviceMemory _memory;

        public EnergyLock(DeviceMemory memory)
        {
            _memory = memory;
        }

        public bool IsHeld => _memory.LockState != StateBytes.StateIdle;

        /// <summary>Whether the lock, held or the last one, is of this order.</summary>
        public bool IsOf(byte[] order)
        {
            for (var i = 0; i < CommandBytes.OrderLength; i++)
            {
                if (order[i] != _memory.LockOrder[i])
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>
        /// Obeys or refuses a lock. The same order again sets its total, which is never less than what is delivered.
        /// </summary>
        /// <param name="order">16 bytes.</param>
        /// <param name="energyWh">Energy to hold for the order in all.</param>
        /// <param name="expires">Unix seconds.</param>
        /// <param name="productionWh">The production register now.</param>
        /// <param name="availableWh">What the battery can give now.</param>
        /// <returns>A refusal of <see cref="StateBytes"/>; nothing changed unless it is RefusalNone.</returns>
        public int Hold(byte[] order, long energyWh, long expires, long productionWh, long availableWh)
        {
            if (!IsHeld)
            {
                if (energyWh <= 0 || energyWh > availableWh)
                {
                    return StateBytes.RefusalEnergyUnavailable;
                }

                Array.Copy(order, 0, _memory.LockOrder, 0, CommandBytes.OrderLength);
                _memory.LockState = StateBytes.StateLocked;
                _memory.LockStartWh = productionWh;
                _memory.LockDeliveredWh = 0;
                _memory.LockEnergyWh = energyWh;
                _memory.LockExpires = expires;
                return StateBytes.RefusalNone;
            }

            if (!IsOf(order))
            {
                return StateBytes.RefusalBusy;
            }

            // Only more than is held already has to be found in the battery.
            if (energyWh <= 0
                || (energyWh > _memory.LockEnergyWh && energyWh - _memory.LockDeliveredWh > availableWh))
            {
                return StateBytes.RefusalEnergyUnavailable;
            }

            _memory.LockEnergyWh = energyWh < _memory.LockDeliveredWh ? _memory.LockDeliveredWh : energyWh;
            _memory.LockExpires = expires;
            return StateBytes.RefusalNone;
        }

        /// <returns>A refusal of <see cref="StateBytes"/>; nothing changed unless it is RefusalNone.</returns>
        public int Release(byte[] order)
        {
            if (!IsHeld || !IsOf(order))
            {
                return StateBytes.RefusalUnknownOrder;
            }

            _memory.LockState = StateBytes.StateIdle;
            return StateBytes.RefusalNone;
        }

        /// <summary>Takes in the production register; to be called before any command.</summary>
        public void Deliver(long productionWh)
        {
            if (!IsHeld)
            {
                return;
            }

            var delivered = productionWh - _memory.LockStartWh;
            if (delivered > _memory.LockEnergyWh)
            {
                delivered = _memory.LockEnergyWh;
            }

            if (delivered > _memory.LockDeliveredWh)
            {
                _memory.LockDeliveredWh = delivered;
            }
        }

        /// <summary>
        /// One transition that is due by itself, if any; call it until it returns 0. Delivered comes before expired.
        /// While the time is not known nothing expires.
        /// </summary>
        /// <returns>The cause, or 0 when nothing is due.</returns>
        public int Advance(bool timeKnown, long unixNow)
        {
            if (_memory.LockState == StateBytes.StateLocked && _memory.LockDeliveredWh > 0)
            {
                _memory.LockState = StateBytes.StateDelivering;
                return StateBytes.CauseDeliveryBegan;
            }

            if (!IsHeld)
            {
                return 0;
            }

            if (_memory.LockDeliveredWh >= _memory.LockEnergyWh)
            {
                _memory.LockState = StateBytes.StateIdle;
                return StateBytes.CauseDelivered;
            }

            if (timeKnown && unixNow >= _memory.LockExpires)
            {
                _memory.LockState = StateBytes.StateIdle;
                return StateBytes.CauseExpired;
            }

            return 0;
        }
    }
}
