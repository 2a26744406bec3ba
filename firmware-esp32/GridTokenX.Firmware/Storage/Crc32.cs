namespace GridTokenX.Firmware.Storage
{
    /// <summary>CRC-32 (ISO-HDLC, as in Ethernet and zip), four bits at a time.</summary>
    internal static class Crc32
    {
        private static readonly uint[] Table =
        {
            0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
            0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
        };

        internal static long Of(byte[] data, int length)
        {
            var crc = 0xFFFFFFFF;
            for (var i = 0; i < length; i++)
            {
                crc ^= data[i];
                crc = (crc >> 4) ^ Table[crc & 0xF];
                crc = (crc >> 4) ^ Table[crc & 0xF];
            }

            return crc ^ 0xFFFFFFFF;
        }
    }
}
