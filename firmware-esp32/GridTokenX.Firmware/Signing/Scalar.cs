// Arithmetic modulo the order of the Ed25519 base point, L = 2^252 + c, c = 27742317777372353535851937790883648493
// (RFC 8032, section 5.1). Numbers are 16-bit limbs in longs, so that sums of products need no carries in between;
// nothing branches on a value.

namespace GridTokenX.Firmware.Signing
{
    internal sealed class Scalar
    {
        internal const int Length = 32;

        /// <summary>Digits of plus or minus one that a scalar is written with, in <see cref="DigitBytes"/>.</summary>
        internal const int Digits = 260;

        internal const int DigitBytes = 33;

        private const int Limbs = 16;
        private const int Wide = 32;

        // c, little-endian
        private static readonly long[] C = { 0xD3ED, 0x5CF5, 0x631A, 0x5812, 0x9CD6, 0xA2F7, 0xF9DE, 0x14DE };

        private readonly long[] _wide = new long[Wide + 1];
        private readonly long[] _a = new long[Limbs];
        private readonly long[] _b = new long[Limbs];

        /// <summary>output = the 64-byte little-endian number modulo L, 32 bytes, little-endian.</summary>
        internal void Reduce(byte[] hash, byte[] output)
        {
            Read(hash, Wide);
            Reduce(output);
        }

        /// <summary>output = a·b + c modulo L; all 32 bytes, little-endian, any value.</summary>
        internal void MultiplyAdd(byte[] output, byte[] a, byte[] b, byte[] c)
        {
            for (var i = 0; i < Limbs; i++)
            {
                _a[i] = a[2 * i] | ((long)a[(2 * i) + 1] << 8);
                _b[i] = b[2 * i] | ((long)b[(2 * i) + 1] << 8);
                _wide[i] = c[2 * i] | ((long)c[(2 * i) + 1] << 8);
                _wide[Limbs + i] = 0;
            }

            _wide[Wide] = 0;
            for (var i = 0; i < Limbs; i++)
            {
                var factor = _a[i];
                for (var j = 0; j < Limbs; j++)
                {
                    _wide[i + j] += factor * _b[j];
                }
            }

            Carry(0, Wide);
            Reduce(output);
        }

        /// <summary>
        /// Writes a scalar as the sum of ±2^i for i from 0 to <see cref="Digits"/> − 1, plus where bit i is one. Such a
        /// sum is odd: for an even scalar it is the scalar + L, the same multiple of the base point.
        /// </summary>
        /// <param name="digits"><see cref="DigitBytes"/>, little-endian.</param>
        /// <param name="scalar">32 bytes, little-endian, any value.</param>
        internal void ToPlusMinus(byte[] digits, byte[] scalar)
        {
            Read(scalar, Limbs);
            AddOrder((_wide[0] & 1) - 1);
            Carry(0, Limbs);

            // The sum of 2^i where a bit is one, and of −2^i where it is none, is twice the bits − (2^260 − 1).
            for (var i = 0; i < Limbs; i++)
            {
                _wide[i] = (_wide[i] >> 1) | ((_wide[i + 1] & 1) << 15);
            }

            Write(digits);
            digits[DigitBytes - 1] = 0x08;
        }

        /// <summary>Wipes what the last operation left.</summary>
        internal void Clear()
        {
            System.Array.Clear(_wide, 0, _wide.Length);
            System.Array.Clear(_a, 0, Limbs);
            System.Array.Clear(_b, 0, Limbs);
        }

        private void Reduce(byte[] output)
        {
            // 2^256 = 16·2^252 ≡ −16·c. Limbs 31…24 fold into 8…22, limbs 23…16 into 0…14; carries in between keep
            // products below 2^63.
            Fold(Wide - 1, Wide - 8);
            Carry(8, 23);
            Fold(Wide - 9, Limbs);
            Carry(0, Limbs);
            Fold(Limbs, Limbs);
            Carry(0, Limbs - 1);

            // What is left above 2^252, once more; then the value is above −2^130 and below 2^252 < L.
            var quotient = _wide[Limbs - 1] >> 12;
            _wide[Limbs - 1] &= 0xFFF;
            SubtractProduct(0, quotient);
            Carry(0, Limbs - 1);

            // All ones when negative: then add L once.
            AddOrder(_wide[Limbs - 1] >> 63);
            Carry(0, Limbs - 1);
            Write(output);
        }

        /// <summary>wide += L where the mask is all ones; nothing where it is zero.</summary>
        private void AddOrder(long mask)
        {
            for (var j = 0; j < C.Length; j++)
            {
                _wide[j] += C[j] & mask;
            }

            _wide[Limbs - 1] += 0x1000 & mask;
        }

        /// <summary>The next limb above becomes zero.</summary>
        private void Read(byte[] number, int limbs)
        {
            for (var i = 0; i < limbs; i++)
            {
                _wide[i] = number[2 * i] | ((long)number[(2 * i) + 1] << 8);
            }

            _wide[limbs] = 0;
        }

        private void Write(byte[] output)
        {
            for (var i = 0; i < Limbs; i++)
            {
                output[2 * i] = (byte)(_wide[i] & 0xFF);
                output[(2 * i) + 1] = (byte)((_wide[i] >> 8) & 0xFF);
            }
        }

        private void Fold(int from, int to)
        {
            for (var i = from; i >= to; i--)
            {
                SubtractProduct(i - Limbs, _wide[i] << 4);
                _wide[i] = 0;
            }
        }

        /// <summary>wide −= quotient · c · 2^(16·offset).</summary>
        private void SubtractProduct(int offset, long quotient)
        {
            for (var j = 0; j < C.Length; j++)
            {
                _wide[offset + j] -= quotient * C[j];
            }
        }

        /// <summary>
        /// Brings limbs [from, to) into 16 bits; what is above goes to the next, and at last to limb to.
        /// </summary>
        private void Carry(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                _wide[i + 1] += _wide[i] >> 16;
                _wide[i] &= 0xFFFF;
            }
        }
    }
}
