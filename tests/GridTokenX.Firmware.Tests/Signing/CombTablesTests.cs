using System.Globalization;
using System.Numerics;
using GridTokenX.Firmware.Signing;

namespace GridTokenX.Firmware.Tests.Signing;

/// <summary>The constants are worked out again from the curve's equation, with big integers.</summary>
public sealed class CombTablesTests
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));

    private static readonly (BigInteger X, BigInteger Y) B = (
        BigInteger.Parse(
            "15112221349535400772501151409588531511454012693041857206046113283949847762202",
            CultureInfo.InvariantCulture),
        Mod(4 * Inverse(5)));

    [Fact]
    public void Every_entry_is_the_multiple_of_the_base_point_that_it_says()
    {
        for (var table = 0; table < 2; table++)
        {
            for (var entry = 0; entry < CombTables.EntriesPerTable; entry++)
            {
                var factor = BigInteger.Zero;
                for (var bit = 0; bit < 4; bit++)
                {
                    factor += ((entry >> bit) & 1) * BigInteger.Pow(2, (64 * bit) + (32 * table));
                }

                var (x, y) = Multiply(factor);
                var at = ((table * CombTables.EntriesPerTable) + entry) * CombTables.IntsPerEntry;
                Element(at).ShouldBe(Mod(y + x));
                Element(at + 10).ShouldBe(Mod(y - x));
                Element(at + 20).ShouldBe(Mod(2 * D * x * y));
            }
        }
    }

    [Fact]
    public void Tables_take_no_more_than_four_kilobytes() =>
        (CombTables.Entries.Length * sizeof(int)).ShouldBeLessThanOrEqualTo(4096);

    private static BigInteger Element(int at)
    {
        var value = BigInteger.Zero;
        var shift = 0;
        for (var i = 0; i < 10; i++)
        {
            value += (BigInteger)CombTables.Entries[at + i] << shift;
            shift += i % 2 == 0 ? 26 : 25;
        }

        return value;
    }

    private static (BigInteger X, BigInteger Y) Multiply(BigInteger factor)
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

    private static (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) p, (BigInteger X, BigInteger Y) q)
    {
        var k = Mod(D * p.X * q.X * p.Y * q.Y);
        return (
            Mod(((p.X * q.Y) + (q.X * p.Y)) * Inverse(1 + k)),
            Mod(((p.Y * q.Y) + (p.X * q.X)) * Inverse(1 - k)));
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), P - 2, P);

    private static BigInteger Mod(BigInteger value) => ((value % P) + P) % P;
}
