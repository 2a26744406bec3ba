using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Tests;

public sealed class ModelTests
{
    private const int Day = 96;

    [Fact]
    public void The_same_seed_gives_the_same_household()
    {
        Energies(new LoadModel(7, 3, Day)).ShouldBe(Energies(new LoadModel(7, 3, Day)));
        Energies(new LoadModel(7, 3, Day)).ShouldNotBe(Energies(new LoadModel(7, 4, Day)));
        Energies(new LoadModel(7, 3, Day)).ShouldNotBe(Energies(new LoadModel(8, 3, Day)));
        Energies(new PvModel(7, 3, Day)).ShouldBe(Energies(new PvModel(7, 3, Day)));
        Energies(new PvModel(7, 3, Day)).ShouldNotBe(Energies(new PvModel(8, 3, Day)));
    }

    [Fact]
    public void A_longer_run_begins_as_the_shorter_one()
    {
        Energies(new LoadModel(1, 1, 2 * Day)).ShouldBe(Energies(new LoadModel(1, 1, Day)));
        Energies(new PvModel(1, 1, 2 * Day)).ShouldBe(Energies(new PvModel(1, 1, Day)));
    }

    [Fact]
    public void A_household_uses_between_four_and_twenty_kilowatt_hours_a_day()
    {
        for (var home = 0; home < 50; home++)
        {
            WattHours(new LoadModel(1, home, Day)).ShouldBeInRange(4_000, 20_000);
        }
    }

    [Fact]
    public void A_roof_gives_between_three_and_forty_five_kilowatt_hours_a_day_and_nothing_at_night()
    {
        for (var home = 0; home < 50; home++)
        {
            var roof = Energies(new PvModel(home, home, Day));
            WattHours(new PvModel(home, home, Day)).ShouldBeInRange(3_000, 45_000);
            roof.Take(22).Concat(roof.Skip(82)).ShouldAllBe(static energy => energy == 0);
        }
    }

    [Fact]
    public void The_sun_climbs_till_noon_and_falls_as_it_climbed()
    {
        var sun = Enumerable.Range(22, 60).Select(PvModel.SunPermille).ToList();
        sun.Take(30).ShouldBeInOrder(SortDirection.Ascending);
        sun.Zip(sun.AsEnumerable().Reverse()).ShouldAllBe(static pair => pair.First - pair.Second <= 1);
        for (var i = 0; i < sun.Count; i++)
        {
            ((double)sun[i]).ShouldBe(1000 * Math.Sin(Math.PI * (i + 0.5) / 60), 3);
        }
    }

    [Fact]
    public void Random_draws_stay_within_their_bounds_and_reach_them()
    {
        var random = SeededRandom.For(1, "test");
        var drawn = Enumerable.Range(0, 2_000).Select(_ => random.Between(-3, 3)).ToList();
        drawn.Distinct().Order().ShouldBe([-3, -2, -1, 0, 1, 2, 3]);
        SeededRandom.For(1, "test").Bytes(8).ShouldNotBe(SeededRandom.For(1, "other").Bytes(8));
        SeededRandom.For(long.MinValue, "edge").Between(long.MinValue, long.MaxValue);
    }

    private static List<long> Energies(IPowerProfile profile) =>
        [.. Enumerable.Range(0, Day).Select(profile.MicrowattSeconds)];

    private static long WattHours(IPowerProfile profile) =>
        Energies(profile).Sum() / EnergyCounter.MicrowattSecondsPerWh;
}
