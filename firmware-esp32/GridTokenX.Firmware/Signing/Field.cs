// The field of integers modulo 2^255 − 19, for Ed25519 (RFC 8032). An element is ten limbs of 26 and 25 bits by turns:
//
//   value = l0 + l1·2^26 + l2·2^51 + l3·2^77 + l4·2^102 + l5·2^128 + l6·2^153 + l7·2^179 + l8·2^204 + l9·2^230
//
// Multiply and Square leave limbs in [0, 2^26) and [0, 2^25), limb 1 a little above or below; sums and differences of
// up to three such elements may be multiplied as they are: every column then stays below 2^62. Everything is unrolled
// into locals, because an interpreted loop costs more than its body; nothing branches on a value. The highest limb is
// read first: where the code is compiled, it is the only one whose index is then checked.

namespace GridTokenX.Firmware.Signing
{
    internal static class Field
    {
        internal const int Limbs = 10;

        private const int Mask26 = 0x3FFFFFF;
        private const int Mask25 = 0x1FFFFFF;

        internal static void Set(int[] h, int small)
        {
            h[0] = small;
            for (var i = 1; i < Limbs; i++)
            {
                h[i] = 0;
            }
        }

        /// <summary>h = f + g, limb by limb. The arrays may be the same.</summary>
        internal static void Add(int[] h, int[] f, int[] g)
        {
            h[0] = f[0] + g[0];
            h[1] = f[1] + g[1];
            h[2] = f[2] + g[2];
            h[3] = f[3] + g[3];
            h[4] = f[4] + g[4];
            h[5] = f[5] + g[5];
            h[6] = f[6] + g[6];
            h[7] = f[7] + g[7];
            h[8] = f[8] + g[8];
            h[9] = f[9] + g[9];
        }

        /// <summary>h = f − g, limb by limb; limbs may become negative. The arrays may be the same.</summary>
        internal static void Subtract(int[] h, int[] f, int[] g)
        {
            h[0] = f[0] - g[0];
            h[1] = f[1] - g[1];
            h[2] = f[2] - g[2];
            h[3] = f[3] - g[3];
            h[4] = f[4] - g[4];
            h[5] = f[5] - g[5];
            h[6] = f[6] - g[6];
            h[7] = f[7] - g[7];
            h[8] = f[8] - g[8];
            h[9] = f[9] - g[9];
        }

        /// <summary>h = f·g. The arrays may be the same.</summary>
        internal static void Multiply(int[] h, int[] f, int[] g)
        {
            long f9 = f[9];
            long f8 = f[8];
            long f7 = f[7];
            long f6 = f[6];
            long f5 = f[5];
            long f4 = f[4];
            long f3 = f[3];
            long f2 = f[2];
            long f1 = f[1];
            long f0 = f[0];
            long g9 = g[9];
            long g8 = g[8];
            long g7 = g[7];
            long g6 = g[6];
            long g5 = g[5];
            long g4 = g[4];
            long g3 = g[3];
            long g2 = g[2];
            long g1 = g[1];
            long g0 = g[0];
            var g1x19 = g1 * 19;
            var g2x19 = g2 * 19;
            var g3x19 = g3 * 19;
            var g4x19 = g4 * 19;
            var g5x19 = g5 * 19;
            var g6x19 = g6 * 19;
            var g7x19 = g7 * 19;
            var g8x19 = g8 * 19;
            var g9x19 = g9 * 19;
            var f1x2 = f1 * 2;
            var f3x2 = f3 * 2;
            var f5x2 = f5 * 2;
            var f7x2 = f7 * 2;
            var f9x2 = f9 * 2;
            var h0 = (f0 * g0) + (f1x2 * g9x19) + (f2 * g8x19) + (f3x2 * g7x19) + (f4 * g6x19)
                + (f5x2 * g5x19) + (f6 * g4x19) + (f7x2 * g3x19) + (f8 * g2x19) + (f9x2 * g1x19);
            var h1 = (f0 * g1) + (f1 * g0) + (f2 * g9x19) + (f3 * g8x19) + (f4 * g7x19)
                + (f5 * g6x19) + (f6 * g5x19) + (f7 * g4x19) + (f8 * g3x19) + (f9 * g2x19) + (h0 >> 26);
            var h2 = (f0 * g2) + (f1x2 * g1) + (f2 * g0) + (f3x2 * g9x19) + (f4 * g8x19)
                + (f5x2 * g7x19) + (f6 * g6x19) + (f7x2 * g5x19) + (f8 * g4x19) + (f9x2 * g3x19) + (h1 >> 25);
            h[2] = (int)h2 & Mask26;
            var h3 = (f0 * g3) + (f1 * g2) + (f2 * g1) + (f3 * g0) + (f4 * g9x19)
                + (f5 * g8x19) + (f6 * g7x19) + (f7 * g6x19) + (f8 * g5x19) + (f9 * g4x19) + (h2 >> 26);
            h[3] = (int)h3 & Mask25;
            var h4 = (f0 * g4) + (f1x2 * g3) + (f2 * g2) + (f3x2 * g1) + (f4 * g0)
                + (f5x2 * g9x19) + (f6 * g8x19) + (f7x2 * g7x19) + (f8 * g6x19) + (f9x2 * g5x19) + (h3 >> 25);
            h[4] = (int)h4 & Mask26;
            var h5 = (f0 * g5) + (f1 * g4) + (f2 * g3) + (f3 * g2) + (f4 * g1)
                + (f5 * g0) + (f6 * g9x19) + (f7 * g8x19) + (f8 * g7x19) + (f9 * g6x19) + (h4 >> 26);
            h[5] = (int)h5 & Mask25;
            var h6 = (f0 * g6) + (f1x2 * g5) + (f2 * g4) + (f3x2 * g3) + (f4 * g2)
                + (f5x2 * g1) + (f6 * g0) + (f7x2 * g9x19) + (f8 * g8x19) + (f9x2 * g7x19) + (h5 >> 25);
            h[6] = (int)h6 & Mask26;
            var h7 = (f0 * g7) + (f1 * g6) + (f2 * g5) + (f3 * g4) + (f4 * g3)
                + (f5 * g2) + (f6 * g1) + (f7 * g0) + (f8 * g9x19) + (f9 * g8x19) + (h6 >> 26);
            h[7] = (int)h7 & Mask25;
            var h8 = (f0 * g8) + (f1x2 * g7) + (f2 * g6) + (f3x2 * g5) + (f4 * g4)
                + (f5x2 * g3) + (f6 * g2) + (f7x2 * g1) + (f8 * g0) + (f9x2 * g9x19) + (h7 >> 25);
            h[8] = (int)h8 & Mask26;
            var h9 = (f0 * g9) + (f1 * g8) + (f2 * g7) + (f3 * g6) + (f4 * g5)
                + (f5 * g4) + (f6 * g3) + (f7 * g2) + (f8 * g1) + (f9 * g0) + (h8 >> 26);
            h[9] = (int)h9 & Mask25;
            h0 = (h0 & Mask26) + (19 * (h9 >> 25));
            h[0] = (int)h0 & Mask26;
            h[1] = ((int)h1 & Mask25) + (int)(h0 >> 26);
        }

        /// <summary>h = f·small, small below 2^17. The arrays may be the same.</summary>
        internal static void MultiplySmall(int[] h, int[] f, int small)
        {
            long factor = small;
            var h0 = f[0] * factor;
            var h1 = (f[1] * factor) + (h0 >> 26);
            var h2 = (f[2] * factor) + (h1 >> 25);
            h[2] = (int)h2 & Mask26;
            var h3 = (f[3] * factor) + (h2 >> 26);
            h[3] = (int)h3 & Mask25;
            var h4 = (f[4] * factor) + (h3 >> 25);
            h[4] = (int)h4 & Mask26;
            var h5 = (f[5] * factor) + (h4 >> 26);
            h[5] = (int)h5 & Mask25;
            var h6 = (f[6] * factor) + (h5 >> 25);
            h[6] = (int)h6 & Mask26;
            var h7 = (f[7] * factor) + (h6 >> 26);
            h[7] = (int)h7 & Mask25;
            var h8 = (f[8] * factor) + (h7 >> 25);
            h[8] = (int)h8 & Mask26;
            var h9 = (f[9] * factor) + (h8 >> 26);
            h[9] = (int)h9 & Mask25;
            h0 = (h0 & Mask26) + (19 * (h9 >> 25));
            h[0] = (int)h0 & Mask26;
            h[1] = ((int)h1 & Mask25) + (int)(h0 >> 26);
        }

        /// <summary>Reads 32 bytes, little-endian; bit 255 is left out (RFC 7748, section 5).</summary>
        internal static void Decode(int[] h, byte[] bytes)
        {
            ulong bits = 0;
            var count = 0;
            var at = 0;
            for (var i = 0; i < Limbs; i++)
            {
                var width = 26 - (i & 1);
                while (count < width)
                {
                    bits |= (ulong)bytes[at] << count;
                    count += 8;
                    at++;
                }

                h[i] = (int)(bits & ((1UL << width) - 1));
                bits >>= width;
                count -= width;
            }
        }

        /// <summary>h = f·f. The arrays may be the same.</summary>
        internal static void Square(int[] h, int[] f)
        {
            long f9 = f[9];
            long f8 = f[8];
            long f7 = f[7];
            long f6 = f[6];
            long f5 = f[5];
            long f4 = f[4];
            long f3 = f[3];
            long f2 = f[2];
            long f1 = f[1];
            long f0 = f[0];
            var f0x2 = f0 * 2;
            var f1x2 = f1 * 2;
            var f2x2 = f2 * 2;
            var f3x2 = f3 * 2;
            var f4x2 = f4 * 2;
            var f5x2 = f5 * 2;
            var f5x38 = f5 * 38;
            var f6x2 = f6 * 2;
            var f6x19 = f6 * 19;
            var f7x2 = f7 * 2;
            var f7x38 = f7 * 38;
            var f8x19 = f8 * 19;
            var f9x38 = f9 * 38;
            var h0 = (f0 * f0) + (f1x2 * f9x38) + (f2x2 * f8x19) + (f3x2 * f7x38) + (f4x2 * f6x19) + (f5 * f5x38);
            var h1 = (f0x2 * f1) + (f2 * f9x38) + (f3x2 * f8x19) + (f4 * f7x38) + (f5x2 * f6x19) + (h0 >> 26);
            var h2 = (f0x2 * f2) + (f1x2 * f1) + (f3x2 * f9x38) + (f4x2 * f8x19) + (f5x2 * f7x38)
                + (f6 * f6x19) + (h1 >> 25);
            h[2] = (int)h2 & Mask26;
            var h3 = (f0x2 * f3) + (f1x2 * f2) + (f4 * f9x38) + (f5x2 * f8x19) + (f6 * f7x38) + (h2 >> 26);
            h[3] = (int)h3 & Mask25;
            var h4 = (f0x2 * f4) + (f1x2 * f3x2) + (f2 * f2) + (f5x2 * f9x38) + (f6x2 * f8x19)
                + (f7 * f7x38) + (h3 >> 25);
            h[4] = (int)h4 & Mask26;
            var h5 = (f0x2 * f5) + (f1x2 * f4) + (f2x2 * f3) + (f6 * f9x38) + (f7x2 * f8x19) + (h4 >> 26);
            h[5] = (int)h5 & Mask25;
            var h6 = (f0x2 * f6) + (f1x2 * f5x2) + (f2x2 * f4) + (f3x2 * f3) + (f7x2 * f9x38)
                + (f8 * f8x19) + (h5 >> 25);
            h[6] = (int)h6 & Mask26;
            var h7 = (f0x2 * f7) + (f1x2 * f6) + (f2x2 * f5) + (f3x2 * f4) + (f8 * f9x38) + (h6 >> 26);
            h[7] = (int)h7 & Mask25;
            var h8 = (f0x2 * f8) + (f1x2 * f7x2) + (f2x2 * f6) + (f3x2 * f5x2) + (f4 * f4)
                + (f9 * f9x38) + (h7 >> 25);
            h[8] = (int)h8 & Mask26;
            var h9 = (f0x2 * f9) + (f1x2 * f8) + (f2x2 * f7) + (f3x2 * f6) + (f4x2 * f5) + (h8 >> 26);
            h[9] = (int)h9 & Mask25;
            h0 = (h0 & Mask26) + (19 * (h9 >> 25));
            h[0] = (int)h0 & Mask26;
            h[1] = ((int)h1 & Mask25) + (int)(h0 >> 26);
        }

        /// <summary>h = f^(2^count).</summary>
        internal static void SquareTimes(int[] h, int[] f, int count)
        {
            Square(h, f);
            for (var i = 1; i < count; i++)
            {
                Square(h, h);
            }
        }
    }
}
