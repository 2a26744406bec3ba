using System.Numerics;
using GridTokenX.Firmware.Signing;

namespace GridTokenX.Firmware.Tests.Signing;

/// <summary>The constants are worked out again from the curve's equation, with big integers.</summary>
public sealed class CombTablesTests
{
    [Fact]
    public void Every_entry_is_the_multiple_of_the_base_point_that_it_says()
    {
        for (var table = 0; table < 2; table++)
        {
            for (var entry = 0; entry < CombTables.EntriesPerTable; entry++)
            {
                var factor = BigInteger.Pow(2, 208);
                for (var bit = 0; bit < 4; bit++)
                {
                    factor += ((2 * ((entry >> bit) & 1)) - 1) * BigInteger.Pow(2, 52 * bit);
                }

                var (x, y) = Curve.Multiply(factor << (26 * table));
                var at = ((table * CombTables.EntriesPerTable) + entry) * CombTables.IntsPerEntry;
                Element(at).ShouldBe(Curve.Mod(y + x));
                Element(at + 10).ShouldBe(Curve.Mod(y - x));
                Element(at + 20).ShouldBe(Curve.Mod(2 * Curve.D * x * y));
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
}
