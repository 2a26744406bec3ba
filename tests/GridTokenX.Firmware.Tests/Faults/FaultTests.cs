using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Panel;
using GridTokenX.Firmware.Readings;
using GridTokenX.Firmware.Tests.Board;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Tests.Faults;

/// <summary>What can go wrong around a device that holds a lock; after each of it every promise is kept.</summary>
public sealed class FaultTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private static readonly Guid Order = Guid.Parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");

    [Fact]
    public void Week_without_a_broker()
    {
        using var bench = Locked();
        var promises = new Promises(bench);
        bench.Gateway.GoAway();
        for (var hour = 0; hour < 7 * 24; hour++)
        {
            bench.Board.AddConsumptionPulses(100);
            bench.Pass(TimeSpan.FromHours(1), TimeSpan.FromMinutes(2.5));
            if (hour % 50 == 49)
            {
                bench.Board.Reboot();
                promises.CheckBoot($"reboot in hour {hour}");
            }
        }

        bench.Gateway.IsThere = true;
        bench.Pass(3 * Interval);

        promises.Check("after a week", isLocked: true);
        var readings = bench.Gateway.Readings.DistinctBy(reading => reading.Sequence).ToList();
        readings.Count.ShouldBeGreaterThanOrEqualTo(ReadingRing.Capacity);
        readings.Select(reading => reading.Sequence).ShouldBeInOrder();
        // Each reboot costs what was counted since the last save, one interval at most.
        bench.Device.ConsumptionWh.ShouldBeInRange((7 * 24 * 100) - (3 * 100), 7 * 24 * 100);
    }

    [Fact]
    public void Clock_of_1970()
    {
        using var bench = Locked();
        var promises = new Promises(bench);
        var said = bench.Gateway.Readings.Count;
        bench.Board.Hardware.HasTimeServer = false;
        bench.Board.Reboot();
        promises.CheckBoot("reboot without the time");
        bench.Board.AddConsumptionPulses(40);
        bench.Pass(TimeSpan.FromHours(2), TimeSpan.FromMinutes(1));
        bench.Gateway.Readings.Count.ShouldBe(said);
        bench.Board.Light.ShouldBe(LightPattern.NoTime);
        bench.Board.IsRelayLocked.ShouldBeTrue();

        bench.Board.Hardware.HasTimeServer = true;
        bench.Pass(2 * Interval);

        promises.Check("the time came", isLocked: true);
        bench.Gateway.Readings[^1].ConsumptionWh.ShouldBe(40);
    }

    [Theory]
    [InlineData(4, -4, 3, -3)]
    [InlineData(70, -80, 600, -20)]
    [InlineData(-60 * 24 * 365 * 56, 60 * 24, -60 * 24, 60 * 24 * 365 * 10)]
    [InlineData(60 * 24 * 40, -60 * 24 * 40, -60 * 24 * 365, 1)]
    public void Clock_that_jumps_back_and_forth(params int[] minutes)
    {
        // The lock's own end is what a clock may bring: this one ends beyond any of these jumps.
        using var bench = Locked(TimeSpan.FromDays(365 * 20));
        var promises = new Promises(bench);
        foreach (var jump in minutes)
        {
            bench.Board.Hardware.JumpClock(TimeSpan.FromMinutes(jump));
            bench.Board.AddConsumptionPulses(10);
            bench.Pass(4 * Interval, TimeSpan.FromSeconds(20));
            bench.Board.Reboot();
            promises.CheckBoot($"jump of {jump} minutes");
            bench.Pass(3 * Interval, TimeSpan.FromSeconds(20));
        }

        promises.Check("all jumps", isLocked: true);
        bench.Gateway.Readings.ShouldAllBe(reading => reading.Timestamp.ToUnixTimeSeconds() % 300 == 0);
    }

    [Fact]
    public void Pulses_during_a_reboot()
    {
        using var bench = Locked();
        var promises = new Promises(bench);
        for (var i = 0; i < 20; i++)
        {
            bench.Board.AddConsumptionPulses(30);
            bench.Pass(Interval * (i % 3) / 2, TimeSpan.FromSeconds(10));
            bench.Board.AddConsumptionPulses(7);
            bench.Board.Hardware.CutPower();
            bench.Board.AddConsumptionPulses(1000);
            bench.Board.Reboot();
            promises.CheckBoot($"reboot {i}");
            bench.Board.AddConsumptionPulses(5);
            bench.Pass(TimeSpan.FromSeconds(10));
        }

        bench.Pass(2 * Interval);
        promises.Check("20 reboots", isLocked: true);
        bench.Device.ConsumptionWh.ShouldBeInRange(20 * 5, 20 * 42);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Tear.Truncated)]
    [InlineData(Tear.Overwritten)]
    [InlineData(Tear.Garbled)]
    public void Full_flash(Tear? leaves)
    {
        using var bench = Locked();
        var promises = new Promises(bench);
        var flash = bench.Board.Hardware.Flash;
        bench.Board.AddConsumptionPulses(40);
        flash.FullLeaves = leaves;
        flash.IsFull = true;
        var said = Newest();
        FailAll(bench, Interval);
        Newest().ShouldBe(said, "what is not saved is not said");
        bench.Board.Reboot();
        promises.CheckBoot("reboot with a full flash");
        FailAll(bench, Interval);
        bench.Board.IsRelayLocked.ShouldBeTrue();

        flash.IsFull = false;
        bench.Pass(3 * Interval);

        promises.Check($"full flash, {leaves}", isLocked: true);

        (int Readings, long State) Newest() =>
            (bench.Gateway.Readings.Count, bench.Gateway.States.Max(static state => state.Sequence));
    }

    [Fact]
    public void Command_with_a_full_flash_is_obeyed_when_it_can_be_kept()
    {
        using var bench = Paired();
        var promises = new Promises(bench);
        bench.Board.Hardware.Flash.IsFull = true;
        var command = bench.Command(CommandKind.Lock, Order, 500, TimeSpan.FromHours(9));
        Should.Throw<IOException>(() => bench.Do(command));
        bench.Gateway.States.ShouldNotContain(state => state.Cause == StateCause.LockAccepted);

        bench.Board.Hardware.Flash.IsFull = false;
        bench.Do(command).Cause.ShouldBe(StateCause.LockAccepted);
        bench.Pass(2 * Interval);

        promises.Check("full flash while locking", isLocked: true);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(44)]
    [InlineData(555)]
    public void Replayed_reordered_and_forged_commands(int seed)
    {
        using var bench = Paired();
        var promises = new Promises(bench);
        var random = new Random(seed);
        var storm = new CommandStorm(bench, random);
        for (var i = 0; i < 300; i++)
        {
            storm.Next();
            bench.Board.IsRelayLocked.ShouldBe(storm.IsLocked, $"message {i}: {storm.Last}");
            if (i % 60 == 59)
            {
                bench.Board.Reboot();
                bench.Board.IsRelayLocked.ShouldBe(storm.IsLocked, $"reboot after message {i}");
                bench.Pass(TimeSpan.FromSeconds(10));
            }
        }

        bench.Pass(2 * Interval);
        promises.Check("the storm", storm.IsLocked);
        storm.Forged.ShouldBeGreaterThan(20);
        storm.Replayed.ShouldBeGreaterThan(20);
    }

    internal static Bench Paired()
    {
        var bench = new Bench();
        bench.Gauge.Millivolts = 26_600;
        bench.Pair();
        bench.Board.AddProductionPulses(100);
        bench.Pass(Interval);
        return bench;
    }

    /// <summary>With a lock that is being delivered, and that nothing of these tests ends.</summary>
    internal static Bench Locked(TimeSpan? expiresIn = null)
    {
        var bench = Paired();
        bench.Lock(Order, 5000, expiresIn ?? TimeSpan.FromDays(30)).Cause.ShouldBe(StateCause.LockAccepted);
        bench.Board.AddProductionPulses(10);
        bench.Step();
        bench.Device.LockState.ShouldBe(StateBytes.StateDelivering);
        return bench;
    }

    private static void FailAll(Bench bench, TimeSpan time)
    {
        var failures = 0;
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(5))
        {
            try
            {
                bench.Pass(TimeSpan.FromSeconds(5));
            }
            catch (IOException)
            {
                failures++;
            }
        }

        failures.ShouldBeGreaterThan(0);
    }
}
