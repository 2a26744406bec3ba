using System.Diagnostics;
using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Benchmarks.Simulator;

/// <summary>How fast market mode is, and how much memory a home takes. One thread.</summary>
internal static class SimulatorBench
{
    private const string Name = "simulator";

    /// <summary>What the public GridTokenX publishes for a tick of 10,000 meters, on a machine of its own.</summary>
    private const double PublishedTickMs = 16_500;

    private const int DaysOfYear = 365;
    private const int MeasuredDays = 7;
    private const int Tick = 10_000;

    /// <summary>Half have a roof, a fifth a battery, a tenth a car, a fifth cooling.</summary>
    private const string Homes = """
        name: bench
        start: 2026-04-06
        seed: 1
        homes:
          - { name: consumers, count: 300, load: { annual_kwh: 3000 } }
          - { name: cooled, count: 200, load: { annual_kwh: 3000 }, climate: { mode: cooling } }
          - { name: roofs, count: 300, load: { annual_kwh: 3400 }, pv: { peak_kw: 4 } }
          - name: all
            count: 100
            load: { annual_kwh: 3600 }
            pv: { peak_kw: 6 }
            battery: { capacity_kwh: 8, strategy: arbitrage }
            vehicle: { charging: surplus }
            agent: arbitrage
          - { name: stores, count: 100, load: { annual_kwh: 3600 }, pv: { peak_kw: 5 }, battery: { capacity_kwh: 6 } }
        """;

    public static IEnumerable<Measurement> Run()
    {
        foreach (var rule in new[] { MarketRule.CallAuction, MarketRule.Continuous })
        {
            var called = rule == MarketRule.CallAuction ? "call auction" : "continuous, 4 rounds";
            var (median, most, allocated) = Ticks(rule);
            yield return new Measurement(
                Name, $"tick of 10,000 homes, {called}, median", "ms", Math.Round(median, 1), PublishedTickMs);
            yield return new Measurement(Name, $"tick of 10,000 homes, {called}, slowest", "ms", Math.Round(most, 1));
            yield return new Measurement(Name, $"tick of 10,000 homes, {called}, allocated", "bytes/home", allocated);
        }

        var seconds = Week();
        yield return new Measurement(
            Name, $"1,000 homes, {MeasuredDays} days", "s of one core", Math.Round(seconds, 2));
        yield return new Measurement(
            Name, $"1,000 homes, a year, from {MeasuredDays} days × {DaysOfYear}/{MeasuredDays}", "s of one core",
            Math.Round(seconds * DaysOfYear / MeasuredDays, 1));
        foreach (var thousands in new[] { 1, 10 })
        {
            yield return new Measurement(Name, $"memory of {thousands},000 homes", "bytes/home", BytesAHome(thousands));
        }
    }

    private static (double Median, double Most, double Allocated) Ticks(MarketRule rule)
    {
        const int WarmUp = 96;
        var run = RunOf(Tick / 1_000, 2, rule);
        var times = new List<double>();
        long allocated = 0;
        while (!run.IsFinished)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            run.Step();
            if (run.Epoch > WarmUp)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            }
        }

        times.Sort();
        return (times[times.Count / 2], times[^1], Math.Round((double)allocated / times.Count / Tick, 1));
    }

    /// <summary>Processor time, so that other work on the machine does not count.</summary>
    private static double Week()
    {
        var run = RunOf(1, MeasuredDays, MarketRule.CallAuction);
        using var self = Process.GetCurrentProcess();
        var start = self.TotalProcessorTime;
        while (!run.IsFinished)
        {
            run.Step();
        }

        self.Refresh();
        return (self.TotalProcessorTime - start).TotalSeconds;
    }

    /// <summary>After a day, with everything that the run keeps of it.</summary>
    private static double BytesAHome(int thousands)
    {
#pragma warning disable S1215 // What is left after a collection is what it needs.
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var run = RunOf(thousands, 1, MarketRule.CallAuction);
        while (!run.IsFinished)
        {
            run.Step();
        }

        var after = GC.GetTotalMemory(forceFullCollection: true);
#pragma warning restore S1215
        GC.KeepAlive(run);
        return Math.Round((after - before) / (thousands * 1_000.0));
    }

    private static MarketRun RunOf(int thousands, int days, MarketRule rule)
    {
        var scenario = ScenarioReader.Read(Homes, "bench");
        return new MarketRun(
            scenario with
            {
                Days = days,
                Market = scenario.Market with { Rule = rule },
                Groups = [.. scenario.Groups.Select(group => group with { Count = group.Count * thousands })],
            },
            static file => throw new InvalidOperationException($"The bench has no file {file.Path}."));
    }
}
