using GridTokenX.Community.Numerics;

namespace GridTokenX.Community.Tests.Numerics;

/// <summary>Against the platform's functions, which are right to the last bits here; the claim is 1e-13.</summary>
public sealed class RealTests
{
    private const double Claimed = 1e-13;

    [Fact]
    public void Sine_and_cosine_are_the_platform_s_to_thirteen_places()
    {
        for (var i = -20_000; i <= 20_000; i++)
        {
            var x = i * 0.037;
            Math.Abs(Real.Sin(x) - Math.Sin(x)).ShouldBeLessThan(Claimed);
            Math.Abs(Real.Cos(x) - Math.Cos(x)).ShouldBeLessThan(Claimed);
        }
    }

    [Fact]
    public void Exponential_and_logarithm_are_the_platform_s_to_thirteen_places()
    {
        for (var i = -5_000; i <= 5_000; i++)
        {
            var x = i * 0.01;
            Math.Abs((Real.Exp(x) / Math.Exp(x)) - 1).ShouldBeLessThan(Claimed);
            var y = Math.Exp(x);
            Math.Abs(Real.Log(y) - Math.Log(y)).ShouldBeLessThan(Claimed);
        }
    }

    [Fact]
    public void Angles_are_the_platform_s_to_thirteen_places_in_every_quadrant()
    {
        for (var i = 0; i < 3_600; i++)
        {
            var angle = (i - 1_800) * Math.PI / 1_800;
            var (y, x) = (Math.Sin(angle) * 3, Math.Cos(angle) * 3);
            Math.Abs(Real.Atan2(y, x) - Math.Atan2(y, x)).ShouldBeLessThan(Claimed);
            Math.Abs(Real.Asin(y / 3) - Math.Asin(y / 3)).ShouldBeLessThan(1e-7);
        }
    }

    [Fact]
    public void Functions_give_these_bits_on_every_machine()
    {
        BitConverter.DoubleToInt64Bits(Real.Exp(1)).ShouldBe(4613303445314885482);
        Real.Exp(-701).ShouldBe(0);
        Real.Pow(0, 3).ShouldBe(0);
        Real.Log(1).ShouldBe(0);
        Real.Sin(0).ShouldBe(0);
        Real.Cos(0).ShouldBe(1);
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(-1.959963984540054, 0.025)]
    public void Normal_distribution_has_its_tabulated_values(double x, double below) =>
        Math.Abs(Real.NormalCdf(x) - below).ShouldBeLessThan(1e-7);
}
