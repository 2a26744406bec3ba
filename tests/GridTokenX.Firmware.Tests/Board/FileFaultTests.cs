namespace GridTokenX.Firmware.Tests.Board;

/// <summary>The whole firmware over a file system that loses power, rots and fills up.</summary>
public sealed class FileFaultTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    [Fact]
    public void One_rotten_copy_of_any_record_costs_nothing()
    {
        using var bench = new Bench();
        bench.Gauge.Millivolts = 26_000;
        bench.Pair();
        bench.Board.AddProductionPulses(100);
        bench.Pass(2 * Interval);
        var id = bench.Device.Id;
        foreach (var name in new[] { "identity", "pairing", "device", "charge" })
        {
            foreach (var copy in new[] { ".a", ".b" })
            {
                bench.Board.Hardware.Flash.Damage(name + copy, 10);
                bench.Board.Reboot();
                bench.Pass(Interval);

                (bench.Device.Id, bench.Device.ProductionWh, bench.Board.IsPaired)
                    .ShouldBe((id, 100, true), name + copy);
            }
        }
    }

    [Fact]
    public void Both_copies_of_the_charge_are_measured_anew_and_of_anything_else_stop_the_device()
    {
        foreach (var name in new[] { "charge", "identity", "pairing", "device" })
        {
            using var bench = new Bench();
            bench.Gauge.Millivolts = 26_000;
            bench.Pair();
            bench.Pass(Interval);
            bench.Board.Hardware.Flash.Damage(name + ".a", 10);
            bench.Board.Hardware.Flash.Damage(name + ".b", 10);

            bench.Board.Reboot();

            (bench.Board.Device is not null).ShouldBe(name == "charge", name);
        }
    }

    [Fact]
    public void Full_flash_is_waited_out()
    {
        using var bench = new Bench();
        bench.Pass(Interval);
        bench.Board.AddProductionPulses(10);
        bench.Board.Hardware.Flash.IsFull = true;
        Should.Throw<IOException>(() => bench.Pass(Interval));
        Should.Throw<IOException>(() => bench.Pass(Interval));
        var said = bench.Gateway.Readings.Count;

        bench.Board.Hardware.Flash.IsFull = false;
        bench.Pass(2 * Interval);

        bench.Gateway.Readings.Count.ShouldBeGreaterThan(said);
        bench.Gateway.Readings[^1].ProductionWh.ShouldBe(10);
        bench.Gateway.Readings.Select(reading => reading.Sequence).ShouldBeUnique();
    }

    [Fact]
    public void Lock_and_relay_survive_a_reboot()
    {
        using var bench = new Bench();
        bench.Gauge.Millivolts = 26_600;
        bench.Pair();
        bench.Pass(TimeSpan.FromSeconds(20));
        bench.Lock(Guid.NewGuid(), 500);
        bench.Board.IsRelayLocked.ShouldBeTrue();

        bench.Board.Reboot();

        bench.Board.IsRelayLocked.ShouldBeTrue("before the network is there");
        bench.Board.AddProductionPulses(500);
        bench.Pass(TimeSpan.FromSeconds(10));
        bench.Board.IsRelayLocked.ShouldBeFalse("what was promised was delivered");
        bench.Gateway.States[^1].Cause.ShouldBe(Protocol.Commands.StateCause.Delivered);
    }

    [Fact]
    public void Lock_that_has_just_expired_does_not_refuse_the_next_one()
    {
        using var bench = new Bench();
        bench.Gauge.Millivolts = 26_600;
        bench.Pair();
        bench.Pass(TimeSpan.FromSeconds(20));
        bench.Lock(Guid.NewGuid(), 500).Cause.ShouldBe(Protocol.Commands.StateCause.LockAccepted);

        bench.Leap(TimeSpan.FromMinutes(61));

        bench.Lock(Guid.NewGuid(), 500).Cause.ShouldBe(Protocol.Commands.StateCause.LockAccepted);
    }
}
