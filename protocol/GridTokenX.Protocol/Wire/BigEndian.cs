namespace GridTokenX.Protocol.Wire
{
    /// <summary>Network-order integers in a byte array. The caller guarantees the room.</summary>
    public static class BigEndian
    {
        public static void WriteUInt16(byte[] buffer, int offset, int value)
        {
            buffer[offset] = (byte)((value >> 8) & 0xFF);
            buffer[offset + 1] = (byte)(value & 0xFF);
        }

        public static void WriteUInt32(byte[] buffer, int offset, long value)
        {
            WriteUInt16(buffer, offset, (int)((value >> 16) & 0xFFFF));
            WriteUInt16(buffer, offset + 2, (int)(value & 0xFFFF));
        }

        public static void WriteInt64(byte[] buffer, int offset, long value)
        {
            for (var i = 7; i >= 0; i--)
            {
                buffer[offset + i] = (byte)(value & 0xFF);
                value >>= 8;
            }
        }

        public static int ReadUInt16(byte[] buffer, int offset)
        {
            return (buffer[offset] << 8) | buffer[offset + 1];
        }

        public static long ReadUInt32(byte[] buffer, int offset)
        {
            return ((long)ReadUInt16(buffer, offset) << 16) | (long)ReadUInt16(buffer, offset + 2);
        }

        public static long ReadInt64(byte[] buffer, int offset)
        {
            return (ReadUInt32(buffer, offset) << 32) | ReadUInt32(buffer, offset + 4);
        }
    }
}
