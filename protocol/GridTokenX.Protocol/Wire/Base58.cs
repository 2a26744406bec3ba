#nullable disable
// Base58 with Bitcoin's alphabet, as Solana writes keys and signatures. Integers and arrays only, so that it runs on
// nanoFramework as well. Leading zero bytes are leading '1's.

namespace GridTokenX.Protocol.Wire
{
    public static class Base58
    {
        private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

        /// <summary>No text of this many bytes is longer.</summary>
        public static int MaxLength(int bytes) => (bytes * 138 / 100) + 1; // 138/100 > log(256)/log(58), rounded up

        public static string Encode(byte[] data)
        {
            var ascii = new byte[MaxLength(data.Length)];
            var length = Encode(data, 0, data.Length, ascii, 0);
            var text = new char[length];
            for (var i = 0; i < length; i++)
            {
                text[i] = (char)ascii[i];
            }

            return new string(text);
        }

        /// <summary>
        /// Writes the text of data[offset, offset + count) as ASCII at <paramref name="at"/>, where there is room for
        /// <see cref="MaxLength"/>; nothing else is needed. Returns how many characters it has.
        /// </summary>
        public static int Encode(byte[] data, int offset, int count, byte[] output, int at)
        {
            // The digits first, lowest first; leading zero bytes are skipped, they would only make zero digits.
            var zeros = 0;
            while (zeros < count && data[offset + zeros] == 0)
            {
                zeros++;
            }

            // Three bytes at a time, and the odd ones first: a digit times 2^24 and the carry still are an int.
            var used = 0;
            for (var i = zeros; i < count;)
            {
                var taken = (count - i) % 3 == 0 ? 3 : (count - i) % 3;
                var shift = taken * 8;
                var carry = 0;
                for (; taken > 0; taken--)
                {
                    carry = (carry << 8) | data[offset + i];
                    i++;
                }

                for (var j = at; j < at + used; j++)
                {
                    carry += output[j] << shift;
                    var rest = carry / 58;
                    output[j] = (byte)(carry - (rest * 58));
                    carry = rest;
                }

                while (carry > 0)
                {
                    output[at + used] = (byte)(carry % 58);
                    used++;
                    carry /= 58;
                }
            }

            for (var i = 0; i < zeros; i++)
            {
                output[at + used] = 0;
                used++;
            }

            Reverse(output, at, used);
            return used;
        }

        /// <summary>
        /// Decodes into exactly <paramref name="length"/> bytes; false when the text is anything else.
        /// </summary>
        public static bool TryDecode(string text, byte[] output, int length)
        {
            return text != null && TryDecode(text.ToCharArray(), text.Length, output, length);
        }

        /// <summary>Decodes the first characters of a buffer, and allocates nothing.</summary>
        public static bool TryDecode(char[] text, int characters, byte[] output, int length)
        {
            // Bounds the work on bad input.
            if (output.Length < length || characters > MaxLength(length))
            {
                return false;
            }

            for (var i = 0; i < length; i++)
            {
                output[i] = 0;
            }

            for (var i = 0; i < characters; i++)
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

            return LeadingOnes(text, characters) == LeadingZeros(output, length);
        }

        /// <summary>Turns digits, lowest first, into characters, highest first.</summary>
        private static void Reverse(byte[] output, int at, int length)
        {
            for (var i = 0; i < (length + 1) / 2; i++)
            {
                var last = at + length - 1 - i;
                var low = output[at + i];
                output[at + i] = (byte)Alphabet[output[last]];
                if (last != at + i)
                {
                    output[last] = (byte)Alphabet[low];
                }
            }
        }

        private static int LeadingOnes(char[] text, int characters)
        {
            var count = 0;
            while (count < characters && text[count] == '1')
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
