#nullable disable
// Base58 with Bitcoin's alphabet, as Solana writes keys and signatures. Integers and arrays only, so that it runs on
// nanoFramework as well. Leading zero bytes are leading '1's.

namespace GridTokenX.Protocol.Wire
{
    public static class Base58
    {
        private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

        public static string Encode(byte[] data)
        {
            // 138/100 > log(256)/log(58), rounded up
            var digits = new byte[(data.Length * 138 / 100) + 1];
            var used = 0;
            for (var i = 0; i < data.Length; i++)
            {
                int carry = data[i];
                for (var j = 0; j < used; j++)
                {
                    carry += digits[j] << 8;
                    digits[j] = (byte)(carry % 58);
                    carry /= 58;
                }

                while (carry > 0)
                {
                    digits[used] = (byte)(carry % 58);
                    used++;
                    carry /= 58;
                }
            }

            var zeros = 0;
            while (zeros < data.Length && data[zeros] == 0)
            {
                zeros++;
            }

            var text = new char[zeros + used];
            for (var i = 0; i < zeros; i++)
            {
                text[i] = '1';
            }

            for (var i = 0; i < used; i++)
            {
                text[zeros + i] = Alphabet[digits[used - 1 - i]];
            }

            return new string(text);
        }

        /// <summary>
        /// Decodes into exactly <paramref name="length"/> bytes; false when the text is anything else.
        /// </summary>
        public static bool TryDecode(string text, byte[] output, int length)
        {
            // No text of `length` bytes has more than length × 138 / 100 + 1 characters: bounds the work on bad input.
            if (text == null || output.Length < length || text.Length > (length * 138 / 100) + 1)
            {
                return false;
            }

            for (var i = 0; i < length; i++)
            {
                output[i] = 0;
            }

            for (var i = 0; i < text.Length; i++)
            {
                var carry = Alphabet.IndexOf(text[i]);
                if (carry < 0)
                {
                    return false;
                }

                for (var j = length - 1; j >= 0; j--)
                {
                    carry += output[j] * 58;
                    output[j] = (byte)(carry & 0xFF);
                    carry >>= 8;
                }

                if (carry != 0)
                {
                    return false;
                }
            }

            return LeadingOnes(text) == LeadingZeros(output, length);
        }

        private static int LeadingOnes(string text)
        {
            var count = 0;
            while (count < text.Length && text[count] == '1')
            {
                count++;
            }

            return count;
        }

        private static int LeadingZeros(byte[] data, int length)
        {
            var count = 0;
            while (count < length && data[count] == 0)
            {
                count++;
            }

            return count;
        }
    }
}
