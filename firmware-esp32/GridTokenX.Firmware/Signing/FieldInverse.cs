namespace GridTokenX.Firmware.Signing
{
    /// <summary>Inverts a field element and writes one as RFC 8032 wants it; owns the scratch space for both.</summary>
    internal sealed class FieldInverse
    {
        private readonly int[] _a = new int[Field.Limbs];
        private readonly int[] _b = new int[Field.Limbs];
        private readonly int[] _c = new int[Field.Limbs];
        private readonly int[] _d = new int[Field.Limbs];

        /// <summary>
        /// h = z^(p − 2), which is 1/z; 0 for 0. The exponent is 2^255 − 21: 254 squarings, 11 products.
        /// </summary>
        internal void Invert(int[] h, int[] z)
        {
            Field.Square(_a, z);                // 2
            Field.SquareTimes(_b, _a, 2);       // 8
            Field.Multiply(_b, z, _b);          // 9
            Field.Multiply(_a, _a, _b);         // 11
            Field.Square(_c, _a);               // 22
            Field.Multiply(_b, _b, _c);         // 2^5 − 1
            Field.SquareTimes(_c, _b, 5);
            Field.Multiply(_b, _c, _b);         // 2^10 − 1
            Field.SquareTimes(_c, _b, 10);
            Field.Multiply(_c, _c, _b);         // 2^20 − 1
            Field.SquareTimes(_d, _c, 20);
            Field.Multiply(_c, _d, _c);         // 2^40 − 1
            Field.SquareTimes(_c, _c, 10);
            Field.Multiply(_b, _c, _b);         // 2^50 − 1
            Field.SquareTimes(_c, _b, 50);
            Field.Multiply(_c, _c, _b);         // 2^100 − 1
            Field.SquareTimes(_d, _c, 100);
            Field.Multiply(_c, _d, _c);         // 2^200 − 1
            Field.SquareTimes(_c, _c, 50);
            Field.Multiply(_b, _c, _b);         // 2^250 − 1
            Field.SquareTimes(_b, _b, 5);
            Field.Multiply(h, _b, _a);          // 2^255 − 21
        }

        /// <summary>
        /// Writes the one value below p, 32 bytes, little-endian. <paramref name="f"/> comes from a product.
        /// </summary>
        internal void Encode(byte[] output, int[] f)
        {
            System.Array.Copy(f, 0, _d, 0, Field.Limbs);
            SubtractMultipleOfP();

            // Bit offset of limb i is 0, 26, 51, 77, …: collect bits and give out bytes.
            ulong bits = 0;
            var count = 0;
            var at = 0;
            for (var i = 0; i < Field.Limbs; i++)
            {
                bits |= (ulong)_d[i] << count;
                count += Width(i);
                while (count >= 8)
                {
                    output[at] = (byte)(bits & 0xFF);
                    at++;
                    bits >>= 8;
                    count -= 8;
                }
            }

            output[at] = (byte)(bits & 0xFF);
        }

        private static int Width(int limb) => 26 - (limb & 1);

        /// <summary>Brings every limb into its width and the value below p.</summary>
        private void SubtractMultipleOfP()
        {
            // How many times p goes into the value: the carry that adding 19 would send out at the top.
            var quotient = ((19 * _d[9]) + (1 << 24)) >> 25;
            for (var i = 0; i < Field.Limbs; i++)
            {
                quotient = (_d[i] + quotient) >> Width(i);
            }

            var carry = 19 * quotient;
            for (var i = 0; i < Field.Limbs; i++)
            {
                var limb = _d[i] + carry;
                carry = limb >> Width(i);
                _d[i] = limb & ((1 << Width(i)) - 1);
            }
        }
    }
}
