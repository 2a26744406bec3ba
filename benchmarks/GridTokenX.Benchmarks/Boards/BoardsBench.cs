using System.Diagnostics;
using GridTokenX.Firmware.Board;

namespace GridTokenX.Benchmarks.Boards;

/// <summary>
/// What a simulated board costs on a laptop: the whole firmware with its drivers, identity, battery gauge and file
/// system, a signed reading every five minutes, each acknowledged.
/// </summary>
internal static class BoardsBench
{
    private const string Name = "boards";
    private const int Many = 1000;
    private const int Few = 20;
    private const int ReadingsADay = 288;
    private const string Config = """
        {"wifi_ssid":"home","wifi_password":"secret","broker":"gateway","interval_s":300,"impulses_per_kwh":1000,
         "battery_wh":10240,"battery_mv":51200,"gauge":"ina226","shunt_microohm":750,"bus_ratio_permille":2000}
        """;

    private static readonly DateTimeOffset Start = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    internal static IEnumerable<Measurement> Run()
    {
        var network = new AnsweringNetwork();
        var before = Live();
        var watch = Stopwatch.StartNew();
        var boards = Enumerable.Range(0, Many).Select(_ => Switched(network)).ToList();
        boards.ForEach(board => board.Step(Start, 0));
        yield return new(
            Name, "boards switched on, each with a key made", "boards/s",
                Math.Round(Many / watch.Elapsed.TotalSeconds));

        watch.Restart();
        var day = LiveADay(boards, TimeSpan.FromMinutes(1));
        var wall = watch.Elapsed.TotalSeconds;
        Require(network.Readings == (long)Many * ReadingsADay, "a reading was not made or not acknowledged");
        yield return new(Name, "memory of a board", "bytes", Math.Round((Live() - before) / (double)Many));
        yield return new(Name, "CPU of a board and simulated day", "ms", Math.Round(day.TotalMilliseconds / Many, 2));
        yield return new(Name, "a simulated day of 1000 boards", "s", Math.Round(wall, 1));
        boards.ForEach(board => board.Dispose());

        boards = [.. Enumerable.Range(0, Few).Select(_ => Switched(network))];
        day = LiveADay(boards, TimeSpan.FromSeconds(5));
        yield return new(
            Name, "CPU of a board and simulated day, stepped each 5 s as on the chip", "ms",
            Math.Round(day.TotalMilliseconds / Few, 2));
        boards.ForEach(board => board.Dispose());
    }

    private static SimulatedBoard Switched(AnsweringNetwork network)
    {
        var board = SimulatedBoard.Start(Config, Start, network: network);
        board.AttachGauge(750).Millivolts = 26_400;
        return board;
    }

    /// <summary>All boards go through the day side by side, as a neighbourhood does.</summary>
    private static TimeSpan LiveADay(List<SimulatedBoard> boards, TimeSpan step)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        for (var passed = step; passed <= TimeSpan.FromDays(1); passed += step)
        {
            foreach (var board in boards)
            {
                board.AddProductionPulses(7);
                board.AddConsumptionPulses(5);
                board.Step(Start + passed, (long)passed.TotalMilliseconds);
            }
        }

        process.Refresh();
        return process.TotalProcessorTime - before;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

#pragma warning disable S1215 // it is what is measured
    private static long Live() => GC.GetTotalMemory(forceFullCollection: true);
#pragma warning restore S1215
}
