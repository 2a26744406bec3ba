using System.Diagnostics;
using GridTokenX.Firmware.Signing;
using GridTokenX.Firmware.Tests.Board;
using Xunit.Abstractions;

namespace GridTokenX.Firmware.Tests;

/// <summary>What the heap holds is the whole process's: nothing else runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class AloneInTheProcess
{
    internal const string Name = "alone in the process";
}

[Collection(AloneInTheProcess.Name)]
public sealed class AllocationTests(ITestOutputHelper output)
{
    [Fact]
    public void Core_allocates_nothing_in_steady_state()
    {
        SelfTest.RunIntervals(20).ShouldBeTrue();
        var before = GC.GetAllocatedBytesForCurrentThread();
        SelfTest.RunIntervals(100).ShouldBeTrue();
        var hundred = GC.GetAllocatedBytesForCurrentThread() - before;
        SelfTest.RunIntervals(1100).ShouldBeTrue();
        var more = GC.GetAllocatedBytesForCurrentThread() - before - hundred;

        // The same device and a thousand intervals more: only the lines that the test says about itself.
        output.WriteLine($"{hundred} bytes with 100 intervals, {more} with 1100");
        (more - hundred).ShouldBeLessThan(10_000);
    }

    [Fact]
    public void Signing_and_agreeing_allocate_nothing_that_stays()
    {
        var key = new DeviceKey(new byte[32]);
        var signature = new byte[64];
        key.Sign(signature, 64, signature, 0);

        // The runtime's own tiering allocates a little now and then.
        Enumerable.Range(0, 10).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            key.Sign(signature, 64, signature, 0);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }).ShouldBe(0);
    }

    [Fact]
    public void Heap_of_a_whole_device_does_not_grow_over_a_thousand_intervals()
    {
        using var bench = new Bench();
        bench.Pass(TimeSpan.FromHours(1));
        var before = Heap(bench);
        for (var hour = 0; hour < 84; hour++)
        {
            bench.Board.AddProductionPulses(100);
            bench.Pass(TimeSpan.FromHours(1));
        }

        var grown = Heap(bench) - before;
        output.WriteLine($"heap grown by {grown} bytes over 1008 intervals");
        grown.ShouldBeLessThan(20_000);
    }

    /// <summary>On one laptop: what a board costs, with its drivers, a day of it, and its identity made.</summary>
    [Fact]
    public void Thousand_boards_run_in_one_process()
    {
        var gateways = new List<Bench>();
        var before = Live();
        for (var i = 0; i < 1000; i++)
        {
            gateways.Add(new Bench(Bench.Config.Replace("300", "900")));
        }

        gateways.ForEach(bench => bench.Step());
        var memory = (Live() - before) / 1000;
        var watch = Stopwatch.StartNew();
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        for (var quarter = 0; quarter < 4; quarter++)
        {
            foreach (var bench in gateways)
            {
                bench.Board.AddProductionPulses(10);
                bench.Pass(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(1));
            }
        }

        var microseconds = (Process.GetCurrentProcess().TotalProcessorTime - processor).TotalMicroseconds / 4000;
        output.WriteLine(
            $"a board: {memory} bytes, {microseconds:F0} µs of CPU a quarter hour; "
            + $"in all {watch.Elapsed.TotalSeconds:F1} s");
        gateways.ShouldAllBe(bench => bench.Device.ReadingSequence >= 3 && bench.Device.ProductionWh == 40);
        memory.ShouldBeLessThan(100_000);
        gateways.ForEach(bench => bench.Dispose());
    }

#pragma warning disable S1215 // it is what is measured
    private static long Live() => GC.GetTotalMemory(forceFullCollection: true);
#pragma warning restore S1215

    private static long Heap(Bench bench)
    {
        bench.Gateway.Readings.Clear();
        bench.Gateway.Readings.TrimExcess();
        bench.Gateway.States.Clear();
        bench.Gateway.States.TrimExcess();
        return Live();
    }
}
