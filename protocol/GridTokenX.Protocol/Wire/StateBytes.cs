// Device state, version 1: the 112 canonical bytes under a device's Ed25519 signature. Big-endian.
//
//   0             16                48         56         64        72          73          74            75
//   | domain (16) | device key (32) | sequence | time (s) | counter | state (1) | cause (1) | refusal (1) | zero (1)
//   76    78      80              96            104
//   | soc | flags | order id (16) | energy (Wh) | delivered (Wh) (8) |

namespace GridTokenX.Protocol.Wire
{
    /// <summary>
    /// A device's signed answer to a command, and every later change of its lock. <c>Sequence</c> grows by one with
    /// each statement; the newest statement stands for all earlier ones.
    /// </summary>
    public static class StateBytes
    {
        public const string Domain = "GTX/state/v1";
        public const int Length = 112;

        public const int StateIdle = 1;
        public const int StateLocked = 2;
        public const int StateDelivering = 3;

        public const int CauseBoot = 1;
        public const int CauseLockAccepted = 2;
        public const int CauseDeliveryBegan = 3;
        public const int CauseDelivered = 4;
        public const int CauseReleased = 5;
        public const int CauseExpired = 6;
        public const int CauseRefused = 7;

        public const int RefusalNone = 0;
        public const int RefusalCounter = 1;
        public const int RefusalExpired = 2;
        public const int RefusalEnergyUnavailable = 3;
        public const int RefusalBusy = 4;
        public const int RefusalUnknownOrder = 5;
        public const int RefusalTimeUnknown = 6;

        private const int DeviceOffset = 16;
        private const int SequenceOffset = 48;
        private const int TimeOffset = 56;
        private const int CounterOffset = 64;
        private const int StateOffset = 72;
        private const int CauseOffset = 73;
        private const int RefusalOffset = 74;
        private const int StateOfChargeOffset = 76;
        private const int FlagsOffset = 78;
        private const int OrderOffset = 80;
        private const int EnergyOffset = 96;
        private const int DeliveredOffset = 104;

        /// <summary>Writes who says it and when; <see cref="WriteLock"/> writes what.</summary>
        /// <param name="buffer">At least <see cref="Length"/> bytes.</param>
        /// <param name="device">32-byte device key.</param>
        /// <param name="sequence">Strictly increasing over the device's statements.</param>
        /// <param name="timeUnixSeconds">When the change happened.</param>
        /// <param name="stateOfChargePermille">0–1000, or <see cref="ReadingBytes.NoBattery"/>.</param>
        /// <param name="flags">As in a reading.</param>
        public static void WriteHeader(
            byte[] buffer, byte[] device, long sequence, long timeUnixSeconds, int stateOfChargePermille, int flags)
        {
            DomainTag.Write(buffer, Domain);
            System.Array.Copy(device, 0, buffer, DeviceOffset, 32);
            BigEndian.WriteInt64(buffer, SequenceOffset, sequence);
            BigEndian.WriteInt64(buffer, TimeOffset, timeUnixSeconds);
            buffer[RefusalOffset + 1] = 0;
            BigEndian.WriteUInt16(buffer, StateOfChargeOffset, stateOfChargePermille);
            BigEndian.WriteUInt16(buffer, FlagsOffset, flags);
        }

        /// <param name="buffer">At least <see cref="Length"/> bytes.</param>
        /// <param name="counter">The command that is answered, or the last one obeyed; 0 before the first.</param>
        /// <param name="state">State after the change.</param>
        /// <param name="cause">What made the change.</param>
        /// <param name="refusal">Why a command was refused; <see cref="RefusalNone"/> otherwise.</param>
        /// <param name="order">The order it is about; 16 zero bytes for none.</param>
        /// <param name="energyWh">Energy held for the order in all.</param>
        /// <param name="deliveredWh">Energy of it delivered so far, by the production register.</param>
        public static void WriteLock(
            byte[] buffer,
            long counter,
            int state,
            int cause,
            int refusal,
            byte[] order,
            long energyWh,
            long deliveredWh)
        {
            BigEndian.WriteInt64(buffer, CounterOffset, counter);
            buffer[StateOffset] = (byte)state;
            buffer[CauseOffset] = (byte)cause;
            buffer[RefusalOffset] = (byte)refusal;
            System.Array.Copy(order, 0, buffer, OrderOffset, CommandBytes.OrderLength);
            BigEndian.WriteInt64(buffer, EnergyOffset, energyWh);
            BigEndian.WriteInt64(buffer, DeliveredOffset, deliveredWh);
        }

        public static long Sequence(byte[] buffer) => BigEndian.ReadInt64(buffer, SequenceOffset);

        public static long TimeUnixSeconds(byte[] buffer) => BigEndian.ReadInt64(buffer, TimeOffset);

        public static long Counter(byte[] buffer) => BigEndian.ReadInt64(buffer, CounterOffset);

        public static int State(byte[] buffer) => buffer[StateOffset];

        public static int Cause(byte[] buffer) => buffer[CauseOffset];

        public static int Refusal(byte[] buffer) => buffer[RefusalOffset];

        public static int StateOfChargePermille(byte[] buffer) => BigEndian.ReadUInt16(buffer, StateOfChargeOffset);

        public static int Flags(byte[] buffer) => BigEndian.ReadUInt16(buffer, FlagsOffset);

        /// <summary>Copies the 16 bytes of the order's id.</summary>
        public static void CopyOrder(byte[] buffer, byte[] order) =>
            System.Array.Copy(buffer, OrderOffset, order, 0, CommandBytes.OrderLength);

        public static long EnergyWh(byte[] buffer) => BigEndian.ReadInt64(buffer, EnergyOffset);

        public static long DeliveredWh(byte[] buffer) => BigEndian.ReadInt64(buffer, DeliveredOffset);
    }
}
