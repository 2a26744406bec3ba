using System.Globalization;
using System.Numerics;

namespace GridTokenX.Firmware.Tests.Signing;

/// <summary>
/// Ed25519's curve −x² + y² = 1 + d·x²·y² (RFC 8032, section 5.1), from its equation, with big integers.
/// </summary>
internal static class Curve
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;

    public static readonly BigInteger D = Mod(-121665 * Inverse(121666));

    private static readonly (BigInteger X, BigInteger Y) B = (
        BigInteger.Parse(
            "15112221349535400772501151409588531511454012693041857206046113283949847762202",
            CultureInfo.InvariantCulture),
        Mod(4 * Inverse(5)));

    public static (BigInteger X, BigInteger Y) Multiply(BigInteger factor)
    {
        var sum = (X: BigInteger.Zero, Y: BigInteger.One);
        var power = B;
        for (; factor > 0; factor >>= 1)
        {
            if (!factor.IsEven)
            {
                sum = Add(sum, power);
            }

            power = Add(power, power);
        }

        return sum;
    }

    public static BigInteger Mod(BigInteger value) => ((value % P) + P) % P;

    private static (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) p, (BigInteger X, BigInteger Y) q)
    {
        var k = Mod(D * p.X * q.X * p.Y * q.Y);
        return (
            Mod(((p.X * q.Y) + (q.X * p.Y)) * Inverse(1 + k)),
            Mod(((p.Y * q.Y) + (p.X * q.X)) * Inverse(1 - k)));
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), P - 2, P);
}
