using GridTokenX.Firmware.Readings;
using GridTokenX.Firmware.Tests.Board;
using GridTokenX.Protocol.Commands;
using Xunit.Abstractions;

namespace GridTokenX.Firmware.Tests.Faults;

/// <summary>
/// The whole firmware loses power at every byte of every change it makes to its flash, and each time boots again from
/// what that leaves: cut short, half old and half new, or with a byte that is neither.
/// </summary>
public sealed class PowerCutAtEveryByteTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private static readonly Guid Order = Guid.Parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");

    [Fact]
    public void Power_cut_at_any_byte_of_a_reading_cycle_keeps_every_promise()
    {
        using var bench = Locked();
        bench.Board.AddProductionPulses(20);
        bench.Board.AddConsumptionPulses(30);

        var torn = Note(bench, () => bench.Pass(Interval));

        // The reading twice, the record, the charge, and the reading's deletion after its acknowledgement.
        torn.Names.ShouldBe(
        [
            "reading.0", "copy.0", "device.a", "device.b", "reading.0", "copy.0", "charge.a", "charge.b",
        ], ignoreOrder: true);
        Survive(torn.Images(), productionWh: (110, 130), isLocked: true);
    }

    [Fact]
    public void Power_cut_at_any_byte_of_a_reading_cycle_with_a_full_ring_keeps_every_promise()
    {
        using var bench = Locked();
        bench.Gateway.Acknowledges = false;
        for (var i = 0; i < ReadingRing.Capacity; i++)
        {
            bench.Pass(Interval, Interval);
        }

        bench.Board.AddProductionPulses(20);
        bench.Device.UnacknowledgedReadings.ShouldBe(ReadingRing.Capacity);

        var torn = Note(bench, () => bench.Pass(Interval, Interval));

        // What is special here: the oldest reading's two files.
        var images = torn.Images().Where(image => image.Moment.Contains("reading.") || image.Moment.Contains("copy."));
        Survive(images, productionWh: (110, 130), isLocked: true);
    }

    [Fact]
    public void Power_cut_at_any_byte_while_a_lock_is_taken_and_delivered_keeps_every_promise()
    {
        using var bench = Paired();
        var command = bench.Command(CommandKind.Lock, Order, 500, TimeSpan.FromHours(9));

        var torn = Note(bench, () =>
        {
            bench.Do(command).Cause.ShouldBe(StateCause.LockAccepted);
            bench.Board.AddProductionPulses(100);
            bench.Step();
        });

        torn.Names.ShouldBe(["device.a", "device.b", "device.a", "device.b"]);
        // As the cloud does: the same command again, until there is an answer.
        Survive(torn.Images(), productionWh: (100, 200), isLocked: true, command);
    }

    [Fact]
    public void Power_cut_at_any_byte_while_a_lock_is_delivered_to_its_end_keeps_every_promise()
    {
        using var bench = Locked();
        bench.Board.AddProductionPulses(5000);

        var torn = Note(bench, bench.Step);

        torn.Names.ShouldBe(["device.a", "device.b"]);
        Survive(torn.Images(), productionWh: (110, 5110), isLocked: null);
    }

    [Fact]
    public void Power_cut_at_any_byte_of_the_first_start_makes_one_identity_that_stays()
    {
        using var blank = new Bench();
        var flash = new Firmware.Board.SimulatedFlash();
        var promises = new Promises(blank);
        var journal = new List<(string Name, byte[] Bytes, IReadOnlyDictionary<string, byte[]> Before)>();
        flash.Changing += (name, bytes) => journal.Add((name, bytes!, flash.Snapshot()));
        using var bench = new Bench(flash: flash);
        bench.Step();
        journal.Select(change => change.Name).ShouldBe(
            ["device.a", "device.b", "identity.a", "identity.b", "device.a", "device.b"]);

        var count = 0;
        foreach (var (name, bytes, before) in journal)
        {
            var change = new TornFlash.Change(name, bytes, before, promises, Bench.Start);
            foreach (var image in TornFlash.ImagesOf(change, name))
            {
                count++;
                using var again = image.Boot();
                again.Board.Device.ShouldNotBeNull(image.Moment);
                var id = again.Device.Id;
                again.Pass(2 * Interval, Interval);
                again.Device.ReadingSequence.ShouldBeGreaterThan(0, image.Moment);
                again.Board.Reboot();
                again.Device.Id.ShouldBe(id, image.Moment);
            }
        }

        output.WriteLine($"{count} images");
    }

    [Fact]
    public void Power_cut_at_any_byte_of_a_pairing_leaves_it_made_or_not()
    {
        using var bench = new Bench();
        bench.Pass(Interval);
        bench.Press();
        bench.Offer(bench.Cloud.CloudKey);
        bench.Pass(TimeSpan.FromSeconds(10));
        var torn = Note(bench, () => bench.Press());

        torn.Names.ShouldBe(["pairing.a", "pairing.b"]);
        var id = bench.Device.Id;
        foreach (var image in torn.Images())
        {
            using var again = image.Boot();
            again.Step();
            again.Device.Id.ShouldBe(id, image.Moment);
            if (!again.Board.IsPaired)
            {
                again.Pair();
            }

            again.Gauge.Millivolts = 26_600;
            again.Pass(TimeSpan.FromSeconds(20));
            again.Lock(Order, 100).Cause.ShouldBe(StateCause.LockAccepted, image.Moment);
        }
    }

    private static Bench Paired()
    {
        var bench = new Bench();
        bench.Gauge.Millivolts = 26_600;
        bench.Pair();
        bench.Board.AddProductionPulses(100);
        bench.Pass(Interval);
        return bench;
    }

    /// <summary>With a lock that nothing of the test ends: not delivered, and not expired for two days.</summary>
    private static Bench Locked()
    {
        var bench = Paired();
        bench.Lock(Order, 5000, TimeSpan.FromDays(2)).Cause.ShouldBe(StateCause.LockAccepted);
        bench.Board.AddProductionPulses(10);
        bench.Step();
        return bench;
    }

    private static TornFlash Note(Bench bench, Action cycle)
    {
        var torn = new TornFlash(bench, new Promises(bench));
        cycle();
        torn.Stop();
        torn.Changes.ShouldBeGreaterThan(0);
        return torn;
    }

    private void Survive(
        IEnumerable<TornFlash.Image> images,
        (long Least, long Most) productionWh,
        bool? isLocked,
        LockCommand? command = null)
    {
        var count = 0;
        foreach (var image in images)
        {
            count++;
            using var bench = image.Boot();
            bench.Board.Device.ShouldNotBeNull(image.Moment);
            bench.Gauge.Millivolts = 26_600;
            var promises = image.Change.Promises.PassedTo(bench);
            promises.CheckBoot(image.Moment, mayHaveEnded: isLocked is null);
            bench.Device.ProductionWh.ShouldBeInRange(productionWh.Least, productionWh.Most, image.Moment);

            bench.Pass(TimeSpan.FromSeconds(10));
            if (command is not null)
            {
                bench.Do(command);
            }

            bench.Pass(2 * Interval, TimeSpan.FromSeconds(100));
            promises.Check(image.Moment, isLocked);
            bench.Device.ProductionWh.ShouldBeInRange(productionWh.Least, productionWh.Most, image.Moment);
            bench.Gateway.Readings[^1].Timestamp.ShouldBeGreaterThan(image.Change.At, image.Moment);
        }

        output.WriteLine($"{count} images");
        count.ShouldBeGreaterThan(900);
    }
}
