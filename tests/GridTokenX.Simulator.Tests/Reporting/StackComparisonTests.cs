using System.Text.Json;
using GridTokenX.Simulator.Reporting;
using GridTokenX.Simulator.Simulate;

namespace GridTokenX.Simulator.Tests.Reporting;

public sealed class StackComparisonTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-compared-").FullName;

    [Fact]
    public void Two_runs_on_real_parts_stand_side_by_side()
    {
        var first = ReportTests.Report() with { Command = "./gridtokenx demo --seed 1" };
        var second = first with
        {
            Seed = 2,
            Command = "./gridtokenx demo --seed 2",
            Energy = first.Energy with { ProducedWh = first.Energy.ProducedWh + 500 },
            Problems = ["one GRID is missing"],
        };
        var runs = ComparedRuns.Read(Written("a", first), Written("b", second));

        runs.Figures.Single(static figure => figure.Name == "produced").Change.ShouldBe(0.5m);
        runs.Figures.Single(static figure => figure.Name == "consumed").Change.ShouldBe(0);
        runs.Inputs.ShouldBe(
        [
            "seeds differ: 1 and 2",
            "commands differ: ./gridtokenx demo --seed 1 and ./gridtokenx demo --seed 2",
            "B did not hold: one GRID is missing",
        ]);
        runs.Page.ShouldContain("./gridtokenx demo --seed 1");
        runs.Page.ShouldContain("./gridtokenx demo --seed 2");
        runs.Page.ShouldContain("+0.5");
        runs.Page.ShouldNotContain("src=");
        ComparedRuns.Read(In("a"), In("a")).Inputs.ShouldBeEmpty();
    }

    [Fact]
    public void Reports_that_count_different_things_are_refused()
    {
        var real = Written("real", ReportTests.Report());
        var market = File("market", """{"run":{}}""");
        Should.Throw<FormatException>(() => ComparedRuns.Read(real, market)).Message.ShouldContain("market mode");
        var stopped = File("stopped", """{"complete":false,"wall_seconds":3}""");
        Should.Throw<FormatException>(() => ComparedRuns.Read(real, stopped)).Message.ShouldContain("was stopped");
        Should.Throw<JsonException>(() => ComparedRuns.Read(real, File("none", "no report")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    /// <summary>A run's folder.</summary>
    private string Written(string name, DemoReport report) =>
        File(name, JsonSerializer.Serialize(report, ReportJson.Default.DemoReport));

    private string File(string name, string json)
    {
        _ = Directory.CreateDirectory(In(name));
        System.IO.File.WriteAllText(Path.Combine(In(name), "report.json"), json);
        return In(name);
    }
}
