using System.Security.Cryptography;

namespace GridTokenX.Firmware.Hardware
{
    internal sealed class PlatformMac : IMac
    {
        public byte[] Compute(byte[] key, byte[] message) => HMACSHA256.HashData(key, message);
    }
}
