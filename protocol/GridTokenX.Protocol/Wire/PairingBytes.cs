// Pairing, version 1: what device and cloud hash to agree on the command key, and what the installer compares.
//
//   command key = first 32 bytes of SHA-512 of
//     0                            16                 48                80
//     | "GTX/pairing/v1" (16)      | X25519 secret    | device key (32) | cloud's X25519 key (32) |
//
//   pairing code = first 60 bits of SHA-512 of
//     0                            16                 48
//     | "GTX/paircode/v1" (16)     | device key (32)  | cloud's X25519 key (32) |
//
// The code is twelve characters of Crockford's base32 in three groups, first bit first. Its check digit (1–9) is what
// a device can blink that shows nothing else: 1 + the sum of position (1–12) × character value, modulo 9.

namespace GridTokenX.Protocol.Wire
{
    public static class PairingBytes
    {
        public const string KeyDomain = "GTX/pairing/v1";
        public const string CodeDomain = "GTX/paircode/v1";
        public const int KeyLength = 112;
        public const int CodeLength = 80;
        public const int CommandKeyLength = 32;

        private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        private const int CodeCharacters = 12;

        /// <param name="buffer">At least <see cref="KeyLength"/> bytes.</param>
        /// <param name="secret">The 32 bytes that X25519 gave both sides.</param>
        /// <param name="device">The device's Ed25519 key, 32 bytes.</param>
        /// <param name="cloud">The cloud's X25519 key for this device, 32 bytes.</param>
        public static void WriteKey(byte[] buffer, byte[] secret, byte[] device, byte[] cloud)
        {
            DomainTag.Write(buffer, KeyDomain);
            System.Array.Copy(secret, 0, buffer, 16, 32);
            System.Array.Copy(device, 0, buffer, 48, 32);
            System.Array.Copy(cloud, 0, buffer, 80, 32);
        }

        /// <param name="buffer">At least <see cref="CodeLength"/> bytes.</param>
        /// <param name="device">The device's Ed25519 key, 32 bytes.</param>
        /// <param name="cloud">The cloud's X25519 key for this device, 32 bytes.</param>
        public static void WriteCode(byte[] buffer, byte[] device, byte[] cloud)
        {
            DomainTag.Write(buffer, CodeDomain);
            System.Array.Copy(device, 0, buffer, 16, 32);
            System.Array.Copy(cloud, 0, buffer, 48, 32);
        }

        /// <summary>The code of a hash of at least 8 bytes, as people read it: <c>7KQ2-M0XV-9TDA</c>.</summary>
        public static string Code(byte[] hash)
        {
            var text = new char[CodeCharacters + 2];
            var at = 0;
            for (var i = 0; i < CodeCharacters; i++)
            {
                if (i == 4 || i == 8)
                {
                    text[at] = '-';
                    at++;
                }

                text[at] = Alphabet[Character(hash, i)];
                at++;
            }

            return new string(text);
        }

        /// <summary>1–9: tells a wrong code from the right one in eight of nine cases.</summary>
        public static int CheckDigit(byte[] hash)
        {
            var sum = 0;
            for (var i = 0; i < CodeCharacters; i++)
            {
                sum += (i + 1) * Character(hash, i);
            }

            return 1 + (sum % 9);
        }

        /// <summary>Bits 5i to 5i + 4, the first bit being the highest of byte 0.</summary>
        private static int Character(byte[] hash, int index)
        {
            var bit = 5 * index;
            var pair = (hash[bit >> 3] << 8) | hash[(bit >> 3) + 1];
            return (pair >> (11 - (bit & 7))) & 31;
        }
    }
}
