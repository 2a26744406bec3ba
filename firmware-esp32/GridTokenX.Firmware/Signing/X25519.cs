// X25519 (RFC 7748, section 5): the Montgomery ladder over the field of Ed25519. It runs once in a device's life, when
// it is paired.

namespace GridTokenX.Firmware.Signing
{
    /// <summary>
    /// Every scalar and key takes the same steps. Which of the ladder's two points is which is a table index that
    /// depends on a secret bit, as in <see cref="BasePoint"/>.
    /// </summary>
    public sealed class X25519
    {
        public const int Length = 32;

        private const int A24 = 121665;

        private readonly int[] _u = new int[Field.Limbs];
        private readonly int[][] _x = { new int[Field.Limbs], new int[Field.Limbs] };
        private readonly int[][] _z = { new int[Field.Limbs], new int[Field.Limbs] };
        private readonly int[] _a = new int[Field.Limbs];
        private readonly int[] _b = new int[Field.Limbs];
        private readonly int[] _c = new int[Field.Limbs];
        private readonly int[] _d = new int[Field.Limbs];
        private readonly FieldInverse _inverse = new FieldInverse();
        private readonly byte[] _scalar = new byte[Length];

        /// <summary>
        /// output = scalar · key. False when the result is zero: the other side sent a point that hides nothing, and
        /// nothing may be agreed with it.
        /// </summary>
        /// <param name="scalar">32 bytes, clamped here.</param>
        /// <param name="key">The other side's public key, 32 bytes.</param>
        /// <param name="output">32 bytes.</param>
        public bool TryMultiply(byte[] scalar, byte[] key, byte[] output)
        {
            System.Array.Copy(scalar, 0, _scalar, 0, Length);
            _scalar[0] = (byte)(_scalar[0] & 0xF8);
            _scalar[31] = (byte)((_scalar[31] & 0x7F) | 0x40);
            Field.Decode(_u, key);
            Field.Set(_x[0], 1);
            Field.Set(_z[0], 0);
            System.Array.Copy(_u, 0, _x[1], 0, Field.Limbs);
            Field.Set(_z[1], 1);

            for (var bit = 254; bit >= 0; bit--)
            {
                Step((_scalar[bit >> 3] >> (bit & 7)) & 1);
            }

            _inverse.Invert(_a, _z[0]);
            Field.Multiply(_a, _x[0], _a);
            _inverse.Encode(output, _a);
            Clear();
            return !IsZero(output);
        }

        /// <summary>One rung: the sum goes into the other point, then the one of this index is doubled.</summary>
        private void Step(int index)
        {
            var x2 = _x[index];
            var z2 = _z[index];
            var x3 = _x[index ^ 1];
            var z3 = _z[index ^ 1];
            Field.Add(_a, x2, z2);
            Field.Subtract(_b, x2, z2);
            Field.Add(_c, x3, z3);
            Field.Subtract(_d, x3, z3);
            Field.Multiply(_d, _d, _a);
            Field.Multiply(_c, _c, _b);
            Field.Add(x3, _d, _c);
            Field.Square(x3, x3);
            Field.Subtract(z3, _d, _c);
            Field.Square(z3, z3);
            Field.Multiply(z3, z3, _u);
            Field.Square(_a, _a);
            Field.Square(_b, _b);
            Field.Multiply(x2, _a, _b);
            Field.Subtract(_b, _a, _b);
            Field.MultiplySmall(_c, _b, A24);
            Field.Add(_a, _a, _c);
            Field.Multiply(z2, _b, _a);
        }

        private void Clear()
        {
            System.Array.Clear(_scalar, 0, Length);
            for (var i = 0; i < 2; i++)
            {
                Field.Set(_x[i], 0);
                Field.Set(_z[i], 0);
            }

            Field.Set(_a, 0);
            Field.Set(_b, 0);
            Field.Set(_c, 0);
            Field.Set(_d, 0);
        }

        private static bool IsZero(byte[] value)
        {
            var bits = 0;
            for (var i = 0; i < Length; i++)
            {
                bits |= value[i];
            }

            return bits == 0;
        }
    }
}
