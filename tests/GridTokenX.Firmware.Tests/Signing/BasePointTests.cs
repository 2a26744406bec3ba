using System.Globalization;
using System.Numerics;
using GridTokenX.Firmware.Signing;

namespace GridTokenX.Firmware.Tests.Signing;

public sealed class BasePointTests
{
    /// <summary>The order of the base point.</summary>
    private static readonly BigInteger L = BigInteger.Pow(2, 252)
        + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);

    public static TheoryData<BigInteger> Scalars => new()
    {
        BigInteger.Zero,
        BigInteger.One,
        new BigInteger(2),
        L - 2,
        L - 1,
        L,
        L + 1,
        2 * L,
        BigInteger.Pow(2, 255) - 1,
        BigInteger.Pow(2, 255),
        BigInteger.Pow(2, 256) - 2,
        BigInteger.Pow(2, 256) - 1,
    };

    [Theory]
    [MemberData(nameof(Scalars))]
    public void Scalars_at_the_edges_are_multiplied(BigInteger scalar) => Multiplied(scalar).ShouldBe(Expected(scalar));

    [Fact]
    public void Powers_of_two_and_their_neighbours_are_multiplied()
    {
        for (var bit = 2; bit < 256; bit += 3)
        {
            var power = BigInteger.Pow(2, bit);
            Multiplied(power).ShouldBe(Expected(power));
            Multiplied(power - 1).ShouldBe(Expected(power - 1));
        }
    }

    [Fact]
    public void Digits_sum_up_to_an_odd_scalar_and_to_an_even_one_plus_the_order()
    {
        var random = new Random(52);
        var bytes = new byte[Scalar.Length];
        var digits = new byte[Scalar.DigitBytes];
        for (var i = 0; i < 1000; i++)
        {
            random.NextBytes(bytes);
            var scalar = new BigInteger(bytes, isUnsigned: true);

            new Scalar().ToPlusMinus(digits, bytes);

            var sum = (2 * new BigInteger(digits, isUnsigned: true)) - (BigInteger.Pow(2, Scalar.Digits) - 1);
            sum.ShouldBe(scalar.IsEven ? scalar + L : scalar);
        }
    }

    private static byte[] Multiplied(BigInteger scalar)
    {
        var bytes = new byte[Scalar.Length];
        scalar.TryWriteBytes(bytes, out _, isUnsigned: true).ShouldBeTrue();
        var output = new byte[32];
        new BasePoint(new Scalar()).Multiply(bytes, output);
        return output;
    }

    /// <summary>y, and x's lowest bit above it (RFC 8032, 5.1.2).</summary>
    private static byte[] Expected(BigInteger scalar)
    {
        var (x, y) = Curve.Multiply(scalar);
        var output = new byte[32];
        (y + (x.IsEven ? BigInteger.Zero : BigInteger.Pow(2, 255))).TryWriteBytes(output, out _, isUnsigned: true)
            .ShouldBeTrue();
        return output;
    }
}
