using GridTokenX.Community.Devices;
using GridTokenX.Community.Numerics;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Tests.Devices;

public sealed class HouseholdTests
{
    /// <summary>
    /// BDEW: H25 with its day factor sums to 1,000,000 kWh a year; without public holidays, which count as Sundays,
    /// half a per cent is missing.
    /// </summary>
    [Fact]
    public void European_profile_sums_to_its_published_year() =>
        YearWh(LoadShape.European, Occupancy.Mixed, 2025).ShouldBe(1_000, 7);

    /// <summary>The published table's first and highest cells (January, 00:00; Sundays of July, 11:45).</summary>
    [Fact]
    public void European_profile_has_the_published_values()
    {
        var shape = LoadShape.Of(LoadShape.European, Occupancy.Mixed);
        var january = EpochTime.At(new DateOnly(2026, 1, 3), 0, 1);
        shape.Watts(january, 0).ShouldBe(22.152 * 4 / 1_000 * LoadShape.DayFactor(3), 1e-12);
        var july = EpochTime.At(new DateOnly(2026, 7, 5), 47, 1);
        shape.Watts(july, 47).ShouldBe(50.633 * 4 / 1_000 * LoadShape.DayFactor(186), 1e-12);
    }

    /// <summary>VDEW 1999: 1.24 + … is 1.2420 on 1 January and 0.7863 at the end of July.</summary>
    [Theory]
    [InlineData(1, 1.2420)]
    [InlineData(210, 0.7863)]
    public void Day_factor_is_VDEW_s(int day, double factor) => LoadShape.DayFactor(day).ShouldBe(factor, 0.001);

    [Theory]
    [InlineData(LoadShape.Thai)]
    [InlineData(LoadShape.ThaiWithoutCooling)]
    public void Thai_profile_sums_to_the_year_it_is_scaled_to(string preset) =>
        YearWh(preset, Occupancy.Mixed, 2026).ShouldBe(1_000, 5);

    /// <summary>Poolsawat et al. 2020, table of shares: air conditioner 26.50 %, refrigerator 19.33 %.</summary>
    [Fact]
    public void Thai_appliances_have_the_survey_s_shares()
    {
        ThaiAppliances.All.Sum(static appliance => appliance.Share).ShouldBe(10_000);
        ThaiAppliances.All.Single(static appliance => appliance.Name == "refrigerator").Share.ShouldBe(1_933);
        var all = LoadShape.Of(LoadShape.Thai, Occupancy.Mixed);
        var without = LoadShape.Of(LoadShape.ThaiWithoutCooling, Occupancy.Mixed);
        double cooling = 0;
        for (var epoch = 0; epoch < 365 * EpochTime.PerDay; epoch++)
        {
            var time = EpochTime.At(new DateOnly(2026, 1, 1), epoch, 7);
            cooling += (all.Watts(time, time.Quarter) - (without.Watts(time, time.Quarter) * 0.735)) / 4;
        }

        cooling.ShouldBe(265, 5);
    }

    [Fact]
    public void Thai_evenings_need_more_than_mornings_and_hot_months_more_than_cool_ones()
    {
        var shape = LoadShape.Of(LoadShape.Thai, Occupancy.Mixed);
        double At(int month, int quarter) => shape.Watts(EpochTime.At(new DateOnly(2026, month, 6), 0, 7), quarter);
        At(4, 84).ShouldBeGreaterThan(At(4, 40) * 1.5);
        At(4, 92).ShouldBeGreaterThan(At(12, 92) * 1.2);
    }

    [Theory]
    [InlineData("working", 0.6)]
    [InlineData("home", 1.3)]
    public void Occupancy_moves_a_workday_s_energy_and_keeps_its_sum(string occupancy, double factor)
    {
        var mixed = LoadShape.Of(LoadShape.European, Occupancy.Mixed);
        var moved = LoadShape.Of(LoadShape.European, Enum.Parse<Occupancy>(occupancy, true));
        var monday = EpochTime.At(new DateOnly(2026, 3, 2), 0, 1);
        double Day(LoadShape shape) => Enumerable.Range(0, 96).Sum(quarter => shape.Watts(monday, quarter));
        Day(moved).ShouldBe(Day(mixed), 1e-9);
        moved.Watts(monday, 48).ShouldBe(mixed.Watts(monday, 48) * factor, 1e-12);
    }

    [Fact]
    public void Variation_has_a_mean_of_one_and_differs_from_home_to_home()
    {
        var shape = LoadShape.Of(LoadShape.Thai, Occupancy.Mixed);
        var one = new HouseholdLoad(shape, 3_000, Draws.For(1, "load", 1));
        var other = new HouseholdLoad(shape, 3_000, Draws.For(1, "load", 2));
        Enumerable.Range(0, 40_000).Average(epoch => one.Variation(epoch)).ShouldBe(1, 0.01);
        one.Variation(5).ShouldNotBe(other.Variation(5));
    }

    private static double YearWh(string preset, Occupancy occupancy, int year)
    {
        var shape = LoadShape.Of(preset, occupancy);
        double wh = 0;
        for (var epoch = 0; epoch < 365 * EpochTime.PerDay; epoch++)
        {
            var time = EpochTime.At(new DateOnly(year, 1, 1), epoch, 1);
            wh += shape.Watts(time, time.Quarter) / 4;
        }

        return wh;
    }
}
