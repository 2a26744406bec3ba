using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Reports;

namespace GridTokenX.Simulator.Simulate;

/// <summary>Where a run's report lies.</summary>
internal static class SimulationFolder
{
    public const string ReportFile = "report.json";

    public static string Standard(string name) => Path.Combine(".gridtokenx", "simulations", name);

    /// <summary>The report, and a copy of the scenario that it is of.</summary>
    public static RunReport Write(string folder, MarketRun run, RunOrigin origin, ScenarioInput input)
    {
        var report = ReportBuilder.Of(run, origin);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, ReportFile), ReportText.Json(report));
        File.WriteAllText(Path.Combine(folder, "epochs.csv"), ReportText.EpochsCsv(run));
        File.WriteAllText(Path.Combine(folder, "homes.csv"), ReportText.HomesCsv(run));
        File.WriteAllText(Path.Combine(folder, "report.html"), ReportPage.Of(report));
        var copy = Path.Combine(folder, $"scenario{Path.GetExtension(input.Path)}");
        if (Path.GetFullPath(copy) != input.Path)
        {
            File.WriteAllBytes(copy, input.Content);
        }

        return report;
    }

    /// <summary>For the run's trades, quarter hour by quarter hour; with their header.</summary>
    public static TextWriter Trades(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = new StreamWriter(Path.Combine(folder, "trades.csv"));
        file.Write(ReportText.TradeHeader);
        return file;
    }

    /// <param name="place">The folder of a run, or its report itself.</param>
    /// <returns>Its text.</returns>
    public static string Read(string place) =>
        File.ReadAllText(Directory.Exists(place) ? Path.Combine(place, ReportFile) : place);
}
