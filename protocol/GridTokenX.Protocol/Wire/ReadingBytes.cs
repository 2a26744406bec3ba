// Signed reading, version 1: the 88 canonical bytes under a device's Ed25519 signature. Big-endian.
//
//   0              16                48         56        64            72             80    82      84
//   | domain (16)  | device key (32) | sequence | end (s) | production  | consumption  | soc | flags | interval (s) |

namespace GridTokenX.Protocol.Wire
{
    public static class ReadingBytes
    {
        public const string Domain = "GTX/reading/v1";
        public const int Length = 88;

        /// <summary>State of charge of a home without a battery.</summary>
        public const int NoBattery = 0xFFFF;

        public const int FlagTimeNotSynchronised = 1;
        public const int FlagLocked = 2;
        public const int FlagTamper = 4;
        public const int FlagRegistersRestored = 8;

        private const int DeviceOffset = 16;
        private const int SequenceOffset = 48;
        private const int EndOffset = 56;
        private const int ProductionOffset = 64;
        private const int ConsumptionOffset = 72;
        private const int StateOfChargeOffset = 80;
        private const int FlagsOffset = 82;
        private const int IntervalOffset = 84;

        /// <summary>
        /// Writes domain and device key; the rest is written for each reading by <see cref="Write"/>.
        /// </summary>
        public static void WriteHeader(byte[] buffer, byte[] device)
        {
            DomainTag.Write(buffer, Domain);
            System.Array.Copy(device, 0, buffer, DeviceOffset, 32);
        }

        /// <param name="buffer">At least <see cref="Length"/> bytes.</param>
        /// <param name="sequence">Strictly increasing, never reused.</param>
        /// <param name="endUnixSeconds">End of the interval.</param>
        /// <param name="productionWh">Wh since installation.</param>
        /// <param name="consumptionWh">Wh since installation.</param>
        /// <param name="stateOfChargePermille">0–1000, or <see cref="NoBattery"/>.</param>
        /// <param name="flags">Sum of the Flag constants.</param>
        /// <param name="intervalSeconds">Length of the interval.</param>
        public static void Write(
            byte[] buffer,
            long sequence,
            long endUnixSeconds,
            long productionWh,
            long consumptionWh,
            int stateOfChargePermille,
            int flags,
            long intervalSeconds)
        {
            BigEndian.WriteInt64(buffer, SequenceOffset, sequence);
            BigEndian.WriteInt64(buffer, EndOffset, endUnixSeconds);
            BigEndian.WriteInt64(buffer, ProductionOffset, productionWh);
            BigEndian.WriteInt64(buffer, ConsumptionOffset, consumptionWh);
            BigEndian.WriteUInt16(buffer, StateOfChargeOffset, stateOfChargePermille);
            BigEndian.WriteUInt16(buffer, FlagsOffset, flags);
            BigEndian.WriteUInt32(buffer, IntervalOffset, intervalSeconds);
        }

        public static long Sequence(byte[] buffer) => BigEndian.ReadInt64(buffer, SequenceOffset);

        public static long EndUnixSeconds(byte[] buffer) => BigEndian.ReadInt64(buffer, EndOffset);

        public static long ProductionWh(byte[] buffer) => BigEndian.ReadInt64(buffer, ProductionOffset);

        public static long ConsumptionWh(byte[] buffer) => BigEndian.ReadInt64(buffer, ConsumptionOffset);

        public static int StateOfChargePermille(byte[] buffer) => BigEndian.ReadUInt16(buffer, StateOfChargeOffset);

        public static int Flags(byte[] buffer) => BigEndian.ReadUInt16(buffer, FlagsOffset);

        public static long IntervalSeconds(byte[] buffer) => BigEndian.ReadUInt32(buffer, IntervalOffset);
    }
}
