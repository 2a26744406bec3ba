using System;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Storage
{
    /// <summary>
    /// Everything that must not go back or be used twice over a power cut, in one record, so that it changes at once.
    /// What leaves the device was saved before. It is first saved, empty, before its identity is.
    /// </summary>
    public sealed class DeviceMemory
    {
        public const int KeyLength = 32;
        public const int SignatureLength = 64;
        public const int StatementLength = StateBytes.Length + SignatureLength;

        private const int Version = 1;
        private const int PayloadLength = 4 + (11 * 8) + 4 + 4 + 4 + 4
            + CommandBytes.MacLength + CommandBytes.OrderLength + (2 * StatementLength);

        private readonly TwinRecord _record;
        private readonly byte[] _payload = new byte[PayloadLength];
        private int _at;

        public DeviceMemory(IFlash flash)
        {
            _record = new TwinRecord(flash, "device", PayloadLength);
        }

        /// <summary>
        /// Something that must not be lost has changed since the last Save; nothing of it is to be told.
        /// </summary>
        public bool IsUnsaved { get; set; }

        public long ProductionWh;
        public long ConsumptionWh;
        public int ProductionCarry;
        public int ConsumptionCarry;
        public int ImpulsesPerKwh;

        /// <summary>Sequence and interval end of the last reading; 0 before the first.</summary>
        public long ReadingSequence;
        public long ReadingEnd;

        /// <summary>Sequence of the last statement; 0 before the first.</summary>
        public long StateSequence;

        /// <summary>
        /// The last command with a right MAC, obeyed or refused, and the last one obeyed; 0 before the first.
        /// </summary>
        public long CommandCounter;
        public long ObeyedCounter;
        public readonly byte[] CommandMac = new byte[CommandBytes.MacLength];

        public int LockState = StateBytes.StateIdle;
        public long LockEnergyWh;
        public long LockStartWh;
        public long LockDeliveredWh;
        public long LockExpires;
        public readonly byte[] LockOrder = new byte[CommandBytes.OrderLength];

        /// <summary>Canonical bytes and signature: the newest statement, and the answer to the last command.</summary>
        public readonly byte[] Statement = new byte[StatementLength];
        public readonly byte[] Answer = new byte[StatementLength];

        /// <summary>Whether something was there; the fields keep their first values otherwise.</summary>
        /// <exception cref="InvalidOperationException">The record is damaged, or of a version unknown here.</exception>
        public bool Load()
        {
            if (!_record.Load(_payload))
            {
                return false;
            }

            _at = 0;
            if (GetInt32() != Version)
            {
                throw new InvalidOperationException("The device record has another version.");
            }

            ProductionWh = GetInt64();
            ConsumptionWh = GetInt64();
            ReadingSequence = GetInt64();
            ReadingEnd = GetInt64();
            StateSequence = GetInt64();
            CommandCounter = GetInt64();
            ObeyedCounter = GetInt64();
            LockEnergyWh = GetInt64();
            LockStartWh = GetInt64();
            LockDeliveredWh = GetInt64();
            LockExpires = GetInt64();
            LockState = GetInt32();
            ProductionCarry = GetInt32();
            ConsumptionCarry = GetInt32();
            ImpulsesPerKwh = GetInt32();
            Get(CommandMac);
            Get(LockOrder);
            Get(Statement);
            Get(Answer);
            return true;
        }

        /// <summary>Takes over a reading that was kept, but not followed by its record.</summary>
        public void Raise(byte[] reading)
        {
            ReadingSequence = ReadingBytes.Sequence(reading);
            ReadingEnd = ReadingBytes.EndUnixSeconds(reading);
            IsUnsaved = true;
            if (ReadingBytes.ProductionWh(reading) > ProductionWh)
            {
                ProductionWh = ReadingBytes.ProductionWh(reading);
                ProductionCarry = 0;
            }

            if (ReadingBytes.ConsumptionWh(reading) > ConsumptionWh)
            {
                ConsumptionWh = ReadingBytes.ConsumptionWh(reading);
                ConsumptionCarry = 0;
            }
        }

        /// <summary>Returns when everything is safe. After an exception it is still to be done.</summary>
        public void Save()
        {
            IsUnsaved = true;
            _at = 0;
            Put(Version);
            Put(ProductionWh);
            Put(ConsumptionWh);
            Put(ReadingSequence);
            Put(ReadingEnd);
            Put(StateSequence);
            Put(CommandCounter);
            Put(ObeyedCounter);
            Put(LockEnergyWh);
            Put(LockStartWh);
            Put(LockDeliveredWh);
            Put(LockExpires);
            Put(LockState);
            Put(ProductionCarry);
            Put(ConsumptionCarry);
            Put(ImpulsesPerKwh);
            Put(CommandMac);
            Put(LockOrder);
            Put(Statement);
            Put(Answer);
            _record.Save(_payload);
            IsUnsaved = false;
        }

        private void Put(long value)
        {
            BigEndian.WriteInt64(_payload, _at, value);
            _at += 8;
        }

        private void Put(int value)
        {
            BigEndian.WriteUInt32(_payload, _at, value);
            _at += 4;
        }

        private void Put(byte[] bytes)
        {
            Array.Copy(bytes, 0, _payload, _at, bytes.Length);
            _at += bytes.Length;
        }

        private long GetInt64()
        {
            _at += 8;
            return BigEndian.ReadInt64(_payload, _at - 8);
        }

        private int GetInt32()
        {
            _at += 4;
            return (int)BigEndian.ReadUInt32(_payload, _at - 4);
        }

        private void Get(byte[] bytes)
        {
            Array.Copy(_payload, _at, bytes, 0, bytes.Length);
            _at += bytes.Length;
        }
    }
}
