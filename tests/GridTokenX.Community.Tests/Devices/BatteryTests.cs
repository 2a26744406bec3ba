using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Community.Devices;

namespace GridTokenX.Community.Tests.Devices;

public sealed class BatteryTests
{
    private static readonly BatteryOptions Options = new(10_000, 4_000, 0.9, BatteryStrategy.SelfConsumption);

    [Fact]
    public void Whatever_is_asked_the_cells_hold_what_went_in_less_what_came_out() =>
        Prop.ForAll<int[]>(static wanted =>
        {
            var battery = new Battery(Options, 4_321);
            long stored = 4_321;
            foreach (var asked in wanted.Select(static value => value * 37L))
            {
                var flow = battery.Run(asked);
                stored += flow.ChargeWh - flow.DischargeWh;
                battery.StoredWh.ShouldBe(stored);
                stored.ShouldBeInRange(0, Options.CapacityWh);
                Math.Abs(flow.AcWh).ShouldBeLessThanOrEqualTo(Math.Abs(asked));
                Math.Abs(flow.AcWh).ShouldBeLessThanOrEqualTo(Options.PowerW / 4);
                flow.LossWh.ShouldBeGreaterThanOrEqualTo(0);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Round_trip_efficiency_is_exact_over_many_small_flows()
    {
        var battery = new Battery(Options, 0);
        long bought = 0;
        while (battery.StoredWh < 9_000)
        {
            bought += battery.Run(7).AcWh;
        }

        long sold = 0;
        while (battery.Run(-7) is { AcWh: < 0 } flow)
        {
            sold -= flow.AcWh;
        }

        // What stays in the cells is below the least that can come out.
        ((double)sold / bought).ShouldBe(0.9, 0.002);
    }

    [Fact]
    public void Full_battery_takes_nothing_and_an_empty_one_gives_nothing()
    {
        new Battery(Options, 10_000).Run(1_000).ShouldBe(default);
        new Battery(Options, 0).Run(-1_000).ShouldBe(default);
    }

    [Fact]
    public void Six_thousand_cycles_take_a_fifth_and_a_year_one_percent()
    {
        var options = new BatteryOptions(1_000, 8_000, 1, BatteryStrategy.SelfConsumption, 60);
        var battery = new Battery(options, 0);
        for (var cycle = 0; cycle < 60; cycle++)
        {
            battery.Run(2_000);
            battery.Run(-2_000);
        }

        battery.ThroughputWh.ShouldBe(60_000);
        battery.Age(0);
        battery.UsableWh.ShouldBe(800);
        battery.Age(365);
        battery.UsableWh.ShouldBe(790);
    }

    [Fact]
    public void Energy_above_a_faded_capacity_stays_until_it_is_used()
    {
        var battery = new Battery(Options with { CalendarPpmPerYear = 100_000 }, 10_000);
        battery.Age(365);
        battery.UsableWh.ShouldBe(9_000);
        battery.StoredWh.ShouldBe(10_000);
        battery.Run(500).ShouldBe(default);
        battery.Run(-500).DischargeWh.ShouldBeGreaterThan(500);
    }
}
