using System.Diagnostics;
using System.Globalization;
using GridTokenX.Testing;

namespace GridTokenX.Benchmarks.Gateway;

/// <summary>What a gateway takes, drains and needs.</summary>
internal static class GatewayBench
{
    private const string Name = "gateway";
    private const int ManyDevices = 200;
    private const int Backlog = 100_000;
    private const int Rows = 1_000_000;

    internal static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        await foreach (var rate in IntakeBench.RunAsync(time))
        {
            yield return rate;
        }

        yield return new Measurement(Name, "backlog drained", "readings/s", Math.Round(await DrainAsync(time)));
        await foreach (var need in NeedsAsync(time))
        {
            yield return need;
        }
    }

    private static async Task<double> DrainAsync(TimeProvider time)
    {
        await using var rig = await GatewayRig.CreateAsync(time, ManyDevices);
        rig.Store(Enumerable.Range(0, Backlog).Select(i =>
            GatewayRig.Reading(rig.Devices[i % ManyDevices], (i / ManyDevices) + 1)));
        await rig.StartGatewayAsync();

        // From a fifth on: the first requests of a process pay for compilation.
        await Eventually.HoldsAsync(() => rig.Taken >= Backlog / 5, TimeSpan.FromMinutes(2));
        var before = rig.Taken;
        var watch = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => rig.Taken >= Backlog, TimeSpan.FromMinutes(5));
        return (double)(Backlog - before) / watch.Elapsed.TotalSeconds;
    }

    private static async IAsyncEnumerable<Measurement> NeedsAsync(TimeProvider time)
    {
        await using var rig = await GatewayRig.CreateAsync(time, ManyDevices);
        rig.StoreHistory(Rows);
        var watch = Stopwatch.StartNew();
        await rig.StartGatewayAsync();
        yield return new Measurement(Name, "start with a million rows", "ms", watch.ElapsedMilliseconds);
        await using var fleet = await Fleet.ConnectAsync(rig.Home);
        var sequence = (Rows / ManyDevices) + 1L;
        await fleet.WarmAsync(rig, sequence++);
        for (var round = 0; round < 20; round++, sequence++)
        {
            await fleet.SendAsync([.. rig.Devices.Select(device => Fleet.Message(device, sequence))]);
        }

        yield return new Measurement(Name, "memory, 200 devices, a million rows", "MiB", Memory(rig.Gateway));

        // 50 devices, one reading a minute each, for two minutes.
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1) / 50, time);
        var before = Cpu(rig.Gateway);
        watch.Restart();
        for (var i = 0; i < 100; i++)
        {
            _ = await timer.WaitForNextTickAsync();
            await fleet.SendAsync([Fleet.Message(rig.Devices[i % 50], sequence + (i / 50))]);
        }

        var share = (Cpu(rig.Gateway) - before) / watch.Elapsed;
        yield return new Measurement(Name, "CPU, 50 devices, a reading a minute each", "% of a core", share * 100);
    }

    /// <summary>What is resident now.</summary>
    private static double Memory(Process process)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status")
            .First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return double.Parse(kibibytes, CultureInfo.InvariantCulture) / 1024;
    }

    internal static TimeSpan Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }
}
