// Lock or release command, version 1: the 89 canonical bytes under HMAC-SHA256 with the device's command key.
// Big-endian.
//
//   0             16                48           56         57              73              81
//   | domain (16) | device key (32) | counter    | kind (1) | order id (16) | energy (Wh)   | expires (Unix s) (8) |

namespace GridTokenX.Protocol.Wire
{
    public static class CommandBytes
    {
        public const string Domain = "GTX/command/v1";
        public const int Length = 89;
        public const int MacLength = 32;
        public const int OrderLength = 16;

        public const int KindLock = 1;
        public const int KindRelease = 2;

        private const int DeviceOffset = 16;
        private const int CounterOffset = 48;
        private const int KindOffset = 56;
        private const int OrderOffset = 57;
        private const int EnergyOffset = 73;
        private const int ExpiresOffset = 81;

        /// <param name="buffer">At least <see cref="Length"/> bytes.</param>
        /// <param name="device">32-byte device key.</param>
        /// <param name="counter">Strictly increasing per device.</param>
        /// <param name="kind"><see cref="KindLock"/> or <see cref="KindRelease"/>.</param>
        /// <param name="order">16-byte id of the sell order, a UUID in network order.</param>
        /// <param name="energyWh">Energy to hold for the order in all; 0 with a release.</param>
        /// <param name="expiresUnixSeconds">The command is void, and a lock ends, at this time.</param>
        public static void Write(
            byte[] buffer, byte[] device, long counter, int kind, byte[] order, long energyWh, long expiresUnixSeconds)
        {
            DomainTag.Write(buffer, Domain);
            System.Array.Copy(device, 0, buffer, DeviceOffset, 32);
            BigEndian.WriteInt64(buffer, CounterOffset, counter);
            buffer[KindOffset] = (byte)kind;
            System.Array.Copy(order, 0, buffer, OrderOffset, OrderLength);
            BigEndian.WriteInt64(buffer, EnergyOffset, energyWh);
            BigEndian.WriteInt64(buffer, ExpiresOffset, expiresUnixSeconds);
        }
    }
}
