namespace GridTokenX.Firmware.Signing
{
    /// <summary>HMAC-SHA256 of a command, compared.</summary>
    internal static class CommandMac
    {
        /// <summary>
        /// The time does not tell how many bytes were right. False without a key: an unpaired device obeys nobody.
        /// </summary>
        internal static bool IsValid(IMac engine, byte[] commandKey, byte[] command, byte[] mac)
        {
            if (commandKey == null)
            {
                return false;
            }

            var expected = engine.Compute(commandKey, command);
            if (expected.Length != mac.Length)
            {
                return false;
            }

            var difference = 0;
            for (var i = 0; i < expected.Length; i++)
            {
                difference |= expected[i] ^ mac[i];
            }

            return difference == 0;
        }
    }
}
