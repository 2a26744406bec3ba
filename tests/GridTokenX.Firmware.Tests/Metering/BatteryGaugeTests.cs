using GridTokenX.Firmware.Metering;
using GridTokenX.Firmware.Tests.Board;

namespace GridTokenX.Firmware.Tests.Metering;

/// <summary>A battery of 10.24 kWh, 16 cells: 200 Ah.</summary>
public sealed class BatteryGaugeTests
{
    private const int HalfFull = 52_160; // 3.26 V a cell, at rest
    private const int SecondMs = 1000;

    private readonly BatteryGauge _gauge = new(10_240, 51_200);
    private long _nowMs;

    [Fact]
    public void First_measurement_begins_with_the_voltage_curve()
    {
        _gauge.Permille.ShouldBe(BatteryGauge.Unknown);

        Pass(0, HalfFull, seconds: 5);

        _gauge.Permille.ShouldBe(500);
    }

    [Theory]
    [InlineData(20_000, 600)]
    [InlineData(-20_000, 400)]
    public void Twenty_amperes_for_an_hour_are_a_tenth(int milliamperes, int expected)
    {
        Pass(0, HalfFull, seconds: 5);
        Pass(milliamperes, HalfFull, seconds: 3600);

        _gauge.Permille.ShouldBeInRange(expected - 1, expected + 1);
    }

    [Fact]
    public void Counting_goes_on_over_a_reboot()
    {
        _gauge.Restore(200_000L * 3_600_000 * 7 / 10);
        Pass(0, HalfFull, seconds: 5);
        _gauge.Permille.ShouldBe(700);
    }

    [Fact]
    public void Voltage_at_the_end_of_charging_means_full_and_at_the_end_of_discharging_empty()
    {
        Pass(0, HalfFull, seconds: 5);
        Pass(5_000, 56_500, seconds: 120);
        _gauge.Permille.ShouldBe(1000);

        Pass(-10_000, 44_000, seconds: 120);
        _gauge.Permille.ShouldBe(0);
    }

    [Fact]
    public void High_voltage_under_a_strong_charge_means_nothing()
    {
        Pass(0, HalfFull, seconds: 5);
        Pass(60_000, 56_500, seconds: 120);

        _gauge.Permille.ShouldBeInRange(500, 515);
    }

    [Fact]
    public void Count_that_drifted_is_brought_back_where_the_curve_is_steep()
    {
        _gauge.Restore(200_000L * 3_600_000 * 8 / 10);
        Pass(0, 48_000, seconds: 1700);
        _gauge.Permille.ShouldBe(800, "not yet at rest");

        Pass(0, 48_000, seconds: 200);
        _gauge.Permille.ShouldBe(200, "3.0 V a cell are 100 permille, give or take 100");
    }

    [Fact]
    public void Gauge_that_is_silent_for_a_minute_is_no_longer_believed()
    {
        _gauge.Miss(0).ShouldBeFalse();
        Pass(0, HalfFull, seconds: 5);

        _gauge.Miss(_nowMs + 30_000).ShouldBeTrue();
        _gauge.Miss(_nowMs + 60_000).ShouldBeFalse();
    }

    [Fact]
    public void Random_currents_add_up_as_in_a_reference_with_fractions()
    {
        var random = new Random(3);
        Pass(0, HalfFull, seconds: 5);
        var reference = 500.0;
        var last = 0;
        for (var i = 0; i < 5000; i++)
        {
            var current = random.Next(-40_000, 40_000);
            reference += (last + current) / 2.0 * 5 / 3600 / 200_000 * 1000;
            last = current;
            _nowMs += 5 * SecondMs;
            _gauge.Measure(current, HalfFull, _nowMs);
        }

        ((double)_gauge.Permille).ShouldBe(reference, 1.1);
    }

    [Fact]
    public void Whole_device_reports_the_charge_and_nothing_while_the_gauge_is_broken()
    {
        using var bench = new Bench();
        bench.Gauge.Millivolts = HalfFull / 2;
        bench.Pass(TimeSpan.FromMinutes(5));
        bench.Gateway.Readings[^1].SocPermille.ShouldBe((ushort)500);

        bench.Gauge.Milliamperes = 20_000;
        bench.Pass(TimeSpan.FromHours(1));
        bench.Gateway.Readings[^1].SocPermille.ShouldBeInRange((ushort)595, (ushort)600);
        bench.Board.Reboot();
        bench.Gauge.Milliamperes = 0;
        bench.Pass(TimeSpan.FromMinutes(5));
        bench.Gateway.Readings[^1].SocPermille.ShouldBeInRange((ushort)595, (ushort)605);

        bench.Pair();
        bench.Gauge.IsBroken = true;
        bench.Pass(TimeSpan.FromMinutes(6));
        bench.Gateway.Readings[^1].SocPermille.ShouldBe((ushort)0xFFFF);
        bench.Lock(Guid.NewGuid(), 1).Refusal.ShouldBe(
            Protocol.Commands.CommandRefusal.EnergyUnavailable, "what cannot be measured is not promised");
    }

    [Fact]
    public void Charge_is_counted_over_a_restart_of_the_chips_own()
    {
        using var sound = new Bench();
        using var alone = new Bench();
        foreach (var bench in new[] { sound, alone })
        {
            bench.Gauge.Millivolts = 25_600;
            bench.Pass(TimeSpan.FromMinutes(16)); // the restart comes between two readings
            bench.Gauge.Milliamperes = 5_000;
        }

        alone.Gateway.GoAway();
        foreach (var bench in new[] { sound, alone })
        {
            bench.Pass(TimeSpan.FromHours(25), TimeSpan.FromMinutes(1));
        }

        alone.Serial.ShouldContain("restarting");
        sound.Board.StateOfChargePermille.ShouldBeInRange(820, 825);
        alone.Board.StateOfChargePermille.ShouldBe(sound.Board.StateOfChargePermille);
    }

    [Fact]
    public void Divider_tells_by_voltage_alone()
    {
        using var bench = new Bench(Bench.Config.Replace("ina226", "divider"));
        bench.Board.Hardware.AdcMillivolts[0] = (int)(HalfFull * 3300L / 63_000);
        bench.Pass(TimeSpan.FromMinutes(5));

        // The converter's step is 15 mV of the battery: one permille of charge is less than that here.
        bench.Gateway.Readings[^1].SocPermille.ShouldBeInRange((ushort)450, (ushort)550);
    }

    private void Pass(int milliamperes, int millivolts, int seconds)
    {
        for (var i = 0; i < seconds; i += 5)
        {
            _nowMs += 5 * SecondMs;
            _gauge.Measure(milliamperes, millivolts, _nowMs);
        }
    }
}
