using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GridTokenX.Solana;

// Does a 32-byte string decompress to a point of edwards25519 (RFC 8032, 5.1.3)? This is the test that keeps
// program-derived addresses off the curve, so it must agree with the validator's curve25519-dalek to the bit:
//
//   -x² + y² = 1 + d·x²·y²   =>   x² = u/v with u = y² - 1, v = d·y² + 1
//
// The point exists exactly when u/v is a square, and, v never being 0, exactly when u·v is: Euler's criterion says
// (u·v)^((p-1)/2) is then 0 or 1. Unlike libsodium's is_valid_point, dalek accepts small-order points, y >= p
// (taken modulo p) and x = 0 with the sign bit set (which RFC 8032 and @solana/kit refuse; no hash will hit those two).
internal static class Edwards25519
{
    private static readonly FieldElement D = FieldElement.FromLimbs(
        0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff);

    public static bool Decompresses(ReadOnlySpan<byte> compressed)
    {
        var y2 = FieldElement.FromBytes(compressed).Square();
        var u = y2.Subtract(FieldElement.One);
        var v = (D * y2).Add(FieldElement.One);
        var power = (u * v).PowerOfHalfOrder();
        return power.IsZero || power.Subtract(FieldElement.One).IsZero;
    }

    /// <summary>An integer modulo p = 2^255 - 19 in five limbs of 51 bits, each kept below 2^52.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly struct FieldElement
    {
        private const ulong Mask = (1UL << 51) - 1;

        private readonly ulong _0;
        private readonly ulong _1;
        private readonly ulong _2;
        private readonly ulong _3;
        private readonly ulong _4;

        private FieldElement(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
        {
            (_0, _1, _2, _3, _4) = (l0, l1, l2, l3, l4);
        }

        public static FieldElement One => new(1, 0, 0, 0, 0);

        public bool IsZero
        {
            get
            {
                var r = Carry(_0, _1, _2, _3, _4);
                r = Carry(r._0, r._1, r._2, r._3, r._4);
                // Now below 2^255: 0 and p are the two forms of zero.
                return (r._0 | r._1 | r._2 | r._3 | r._4) == 0
                    || (r._0 == Mask - 18 && (r._1 & r._2 & r._3 & r._4) == Mask);
            }
        }

        public static FieldElement FromLimbs(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4) =>
            new(l0, l1, l2, l3, l4);

        public static FieldElement FromBytes(ReadOnlySpan<byte> bytes) => new(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes) & Mask,
            (BinaryPrimitives.ReadUInt64LittleEndian(bytes[6..]) >> 3) & Mask,
            (BinaryPrimitives.ReadUInt64LittleEndian(bytes[12..]) >> 6) & Mask,
            (BinaryPrimitives.ReadUInt64LittleEndian(bytes[19..]) >> 1) & Mask,
            (BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]) >> 12) & Mask);

        public FieldElement Add(FieldElement b) =>
            Carry(_0 + b._0, _1 + b._1, _2 + b._2, _3 + b._3, _4 + b._4);

        // 4p is added first, limb by limb, so that no limb goes below zero.
        public FieldElement Subtract(FieldElement b) => Carry(
            _0 + (4 * (Mask - 18)) - b._0, _1 + (4 * Mask) - b._1, _2 + (4 * Mask) - b._2,
            _3 + (4 * Mask) - b._3, _4 + (4 * Mask) - b._4);

        public FieldElement Square() => this * this;

        // Limbs that run over 2^255 come back multiplied by 19, as 2^255 = 19 (mod p). With limbs below 2^52 each sum
        // stays below 5 · 19 · 2^104 < 2^111.
        public static FieldElement operator *(FieldElement a, FieldElement b)
        {
            unchecked
            {
                var (b1, b2, b3, b4) = (b._1 * 19, b._2 * 19, b._3 * 19, b._4 * 19);
                var c0 = Mul(a._0, b._0) + Mul(a._1, b4) + Mul(a._2, b3) + Mul(a._3, b2) + Mul(a._4, b1);
                var c1 = Mul(a._0, b._1) + Mul(a._1, b._0) + Mul(a._2, b4) + Mul(a._3, b3) + Mul(a._4, b2);
                var c2 = Mul(a._0, b._2) + Mul(a._1, b._1) + Mul(a._2, b._0) + Mul(a._3, b4) + Mul(a._4, b3);
                var c3 = Mul(a._0, b._3) + Mul(a._1, b._2) + Mul(a._2, b._1) + Mul(a._3, b._0) + Mul(a._4, b4);
                var c4 = Mul(a._0, b._4) + Mul(a._1, b._3) + Mul(a._2, b._2) + Mul(a._3, b._1) + Mul(a._4, b._0);

                c1 += (ulong)(c0 >> 51);
                c2 += (ulong)(c1 >> 51);
                c3 += (ulong)(c2 >> 51);
                c4 += (ulong)(c3 >> 51);
                // At most 2^60 · 19, which may pass 2^64: kept in 128 bits until it is carried once more.
                var low = ((c4 >> 51) * 19) + ((ulong)c0 & Mask);
                return new(
                    (ulong)low & Mask, ((ulong)c1 & Mask) + (ulong)(low >> 51),
                    (ulong)c2 & Mask, (ulong)c3 & Mask, (ulong)c4 & Mask);
            }
        }

        /// <summary>This to the power (p-1)/2 = 2^254 - 10. With n[k] = this^(2^k - 1), n[a+b] = n[a]^(2^b) · n[b],
        /// and 2^254 - 10 = 2^4 · (2^250 - 1) + 6.</summary>
        public FieldElement PowerOfHalfOrder()
        {
            var n2 = Square() * this;
            var n4 = n2.SquareTimes(2) * n2;
            var n5 = n4.Square() * this;
            var n10 = n5.SquareTimes(5) * n5;
            var n20 = n10.SquareTimes(10) * n10;
            var n40 = n20.SquareTimes(20) * n20;
            var n50 = n40.SquareTimes(10) * n10;
            var n100 = n50.SquareTimes(50) * n50;
            var n200 = n100.SquareTimes(100) * n100;
            var n250 = n200.SquareTimes(50) * n50;
            return n250.SquareTimes(4) * n2.Square();
        }

        private static UInt128 Mul(ulong a, ulong b) => Math.BigMul(a, b);

        private static FieldElement Carry(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
        {
            l1 += l0 >> 51;
            l2 += l1 >> 51;
            l3 += l2 >> 51;
            l4 += l3 >> 51;
            l0 = (l0 & Mask) + (19 * (l4 >> 51));
            return new(l0, l1 & Mask, l2 & Mask, l3 & Mask, l4 & Mask);
        }

        private FieldElement SquareTimes(int times)
        {
            var result = this;
            for (var i = 0; i < times; i++)
            {
                result = result.Square();
            }

            return result;
        }
    }
}
