using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Panel;
using GridTokenX.Firmware.Tests.Board;

namespace GridTokenX.Firmware.Tests.Faults;

/// <summary>Every file of a device, spoilt in every way, while it holds a lock and readings nobody has yet.</summary>
public sealed class CorruptedFileTests
{
    private const int Kept = 5;

    private static readonly string[] Records = ["charge", "device", "identity", "pairing"];

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    [Fact]
    public void Any_one_spoilt_file_costs_nothing()
    {
        var files = Files(out var promises, out var at);
        files.Keys.Order(StringComparer.Ordinal).ShouldBe(
            Records.Select(name => name + ".a")
                .Concat(Records.Select(name => name + ".b"))
                .Concat(Enumerable.Range(0, Kept).Select(slot => $"reading.{slot}"))
                .Concat(Enumerable.Range(0, Kept).Select(slot => $"copy.{slot}"))
                .Append("config.json")
                .Order(StringComparer.Ordinal));
        foreach (var name in files.Keys.Where(name => name != "config.json"))
        {
            foreach (var (how, spoilt) in Spoilt(files[name]))
            {
                using var bench = Boot(Replaced(files, name, spoilt), at);
                bench.Board.Device.ShouldNotBeNull($"{name} {how}");
                var kept = promises.PassedTo(bench);
                kept.CheckBoot($"{name} {how}");
                bench.Gauge.Millivolts = 26_600;
                bench.Pass(2 * Interval, TimeSpan.FromSeconds(50));

                kept.Check($"{name} {how}", isLocked: true);
                (bench.Board.IsPaired, bench.Device.ProductionWh).ShouldBe((true, 110), $"{name} {how}");
            }
        }
    }

    /// <summary>The device stands still and says so; what it promised is kept meanwhile, and afterwards.</summary>
    [Fact]
    public void Spoilt_settings_stop_the_device_and_open_no_lock()
    {
        var files = Files(out var promises, out var at);
        foreach (var (how, spoilt) in Spoilt(files["config.json"]))
        {
            using var bench = Boot(files, at);
            var kept = promises.PassedTo(bench);
            var flash = bench.Board.Hardware.Flash;
            flash.Delete("config.json");
            if (spoilt is not null)
            {
                flash.Install("config.json", spoilt);
            }

            bench.Board.Reboot();
            bench.Step();
            if (bench.Board.Device is null)
            {
                (bench.Board.Light, bench.Board.IsRelayLocked).ShouldBe((LightPattern.NoSettings, true), how);
            }

            flash.Install("config.json", files["config.json"]);
            bench.Board.Reboot();
            kept.CheckBoot(how);
            bench.Pass(2 * Interval, TimeSpan.FromSeconds(50));
            kept.Check(how, isLocked: true);
        }
    }

    [Theory]
    [InlineData("device")]
    [InlineData("identity")]
    [InlineData("pairing")]
    public void Both_copies_of_a_record_spoilt_never_begin_anything_again(string name)
    {
        var files = Files(out var promises, out var at);
        foreach (var (how, first) in Spoilt(files[name + ".a"]))
        {
            foreach (var (_, second) in Spoilt(files[name + ".b"]))
            {
                using var bench = Boot(
                    Replaced(Replaced(files, name + ".a", first), name + ".b", second), at);
                bench.Pass(2 * Interval, TimeSpan.FromSeconds(100));
                if (bench.Board.Device is null)
                {
                    bench.Board.Light.ShouldBe(LightPattern.Fault, how);
                    bench.Board.IsRelayLocked.ShouldBeTrue(how);
                    bench.Gateway.Readings.ShouldBeEmpty(how);
                }
                else if (bench.Device.Id == promises.Device)
                {
                    // Without its pairing a device obeys nobody; nothing else of it is new.
                    name.ShouldBe("pairing", how);
                    promises.PassedTo(bench).Check(how, isLocked: true);
                }
                else
                {
                    // No key at all is a new device: it says nothing under the old name.
                    name.ShouldBe("identity", how);
                    bench.Gateway.Readings.ShouldAllBe(reading => reading.Device.ToString() == bench.Device.Id);
                }
            }
        }
    }

    private static IReadOnlyDictionary<string, byte[]> Files(out Promises promises, out DateTimeOffset at)
    {
        using var bench = FaultTests.Locked();
        var told = new Promises(bench);
        bench.Gateway.Acknowledges = false;
        bench.Pass(Kept * Interval);
        bench.Device.UnacknowledgedReadings.ShouldBe(Kept);
        promises = told.Freeze();
        at = bench.Now + TimeSpan.FromSeconds(20);
        return bench.Board.Hardware.Flash.Snapshot();
    }

    private static Bench Boot(IReadOnlyDictionary<string, byte[]> files, DateTimeOffset at)
    {
        var flash = new SimulatedFlash();
        foreach (var (name, bytes) in files)
        {
            flash.Install(name, bytes);
        }

        return new Bench(flash: flash, start: at);
    }

    private static Dictionary<string, byte[]> Replaced(
        IReadOnlyDictionary<string, byte[]> files, string name, byte[]? bytes)
    {
        var replaced = new Dictionary<string, byte[]>(files, StringComparer.Ordinal);
        replaced.Remove(name);
        if (bytes is not null)
        {
            replaced.Add(name, bytes);
        }

        return replaced;
    }

    private static IEnumerable<(string How, byte[]? Bytes)> Spoilt(byte[] whole)
    {
        yield return ("missing", null);
        yield return ("empty", []);
        yield return ("cut in half", whole[..(whole.Length / 2)]);
        yield return ("one byte short", whole[..^1]);
        yield return ("one byte longer", [.. whole, 0]);
        yield return ("erased", [.. Enumerable.Repeat((byte)0xFF, whole.Length)]);
        foreach (var at in new[] { 0, 7, 8, whole.Length / 2, whole.Length - 1 })
        {
            var flipped = (byte[])whole.Clone();
            flipped[at] ^= 0x10;
            yield return ($"bit flipped in byte {at}", flipped);
        }
    }
}
