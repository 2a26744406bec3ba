using GridTokenX.Community.Numerics;

namespace GridTokenX.Community.Tests.Numerics;

public sealed class DrawsTests
{
    [Fact]
    public void A_draw_does_not_depend_on_the_draws_before_it()
    {
        var draws = Draws.For(1, "load", 4);
        var alone = draws.Bits(77, 3);
        for (var step = 0; step < 1_000; step++)
        {
            _ = draws.Bits(step, 0);
        }

        draws.Bits(77, 3).ShouldBe(alone);
        Draws.For(1, "load", 4).Bits(77, 3).ShouldBe(alone);
    }

    [Fact]
    public void Seed_purpose_home_step_and_index_each_make_another_draw()
    {
        var draws = new[]
        {
            Draws.For(1, "load", 4).Bits(7, 3), Draws.For(2, "load", 4).Bits(7, 3), Draws.For(1, "pv", 4).Bits(7, 3),
            Draws.For(1, "load", 5).Bits(7, 3), Draws.For(1, "load", 4).Bits(8, 3), Draws.For(1, "load", 4).Bits(7, 4),
        };
        draws.ShouldBeUnique();
    }

    [Fact]
    public void Numbers_fill_their_range_evenly()
    {
        var draws = Draws.For(1, "dice");
        var faces = new int[6];
        for (var step = 0; step < 60_000; step++)
        {
            faces[draws.Between(step, 0, 1L, 6L) - 1]++;
        }

        // Chi-square with five degrees of freedom: 20.5 is exceeded once in a thousand.
        faces.Sum(static count => (count - 10_000.0) * (count - 10_000.0) / 10_000).ShouldBeLessThan(20.5);
    }

    [Fact]
    public void Normal_draws_have_mean_zero_and_spread_one()
    {
        var draws = Draws.For(3, "normal");
        var values = Enumerable.Range(0, 40_000).Select(step => draws.Normal(step, 0)).ToArray();
        values.Average().ShouldBe(0, 0.02);
        values.Average(static value => value * value).ShouldBe(1, 0.03);
    }

    [Fact]
    public void Energy_that_is_carried_is_never_lost()
    {
        var carry = default(EnergyCarry);
        var whole = Enumerable.Range(0, 3_000).Sum(_ => carry.FromMicroWh(333_333));
        whole.ShouldBe(3_000L * 333_333 / 1_000_000);
    }
}
