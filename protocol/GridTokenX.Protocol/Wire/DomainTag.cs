namespace GridTokenX.Protocol.Wire
{
    /// <summary>
    /// The 16-byte ASCII tag, zero-padded, that opens every signed or authenticated message, so that bytes of one kind
    /// never verify as another.
    /// </summary>
    public static class DomainTag
    {
        public const int Length = 16;

        public static void Write(byte[] buffer, string domain)
        {
            for (var i = 0; i < Length; i++)
            {
                buffer[i] = i < domain.Length ? (byte)domain[i] : (byte)0;
            }
        }
    }
}
