using GridTokenX.Protocol.Api;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Reporting;
using GridTokenX.Simulator.Scenarios;
using GridTokenX.Simulator.Simulate;

namespace GridTokenX.Simulator.Tests.Reporting;

public sealed class StackFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-stack-").FullName;

    private static Neighbourhood Homes => Neighbourhood.Plan(
        new NeighbourhoodOptions { Homes = 4, Days = 1, Seed = 2, PvScale = 1 });

    [Fact]
    public void Quarter_hours_sum_to_what_the_registers_count()
    {
        var homes = Homes;
        var quarters = StackSeries.Of(homes, [Epoch(homes, quarter: 40)]);
        quarters.Count.ShouldBe(96);
        quarters.Sum(static quarter => quarter.ConsumedWh).ShouldBe(
            homes.Homes.Sum(static home => Enumerable.Range(0, 96).Sum(home.Load.MicrowattSeconds) / 3_600_000_000));
        quarters.Where(static quarter => quarter.Market is not null).ShouldHaveSingleItem()
            .Start.ShouldBe(homes.Start.AddHours(10));
    }

    [Fact]
    public void Folder_has_a_page_and_tables_of_the_run()
    {
        var homes = Homes;
        var quarters = StackSeries.Of(homes, [Epoch(homes, quarter: 40)]);
        var scenario = new ScenarioReport(
            "A <b>village</b>", "00", new Dictionary<string, int>(),
            CoreRules.Of(ScenarioFiles.Load(ScenarioFiles.PathOf("village"))),
            [new PlayNote("utility_not_played", "Nobody is billed.")]);
        var report = ReportTests.Report() with { Scenario = scenario, Problems = ["one GRID is missing"] };
        StackFolder.Write(_folder, report, quarters, "./gridtokenx demo --seed 2");

        var page = Read("report.html");
        page.ShouldContain("A &lt;b&gt;village&lt;/b&gt;");
        page.ShouldContain("one GRID is missing");
        page.ShouldContain("utility_not_played");
        page.ShouldContain("./gridtokenx demo --seed 2");
        page.ShouldContain(report.Fingerprint);
        page.ShouldNotContain("src=");
        var epochs = Read("epochs.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        epochs.Length.ShouldBe(97);
        epochs[41].ShouldEndWith(",1200,3,3.5,3.4,3.6,1,0.9");
        epochs[41].ShouldStartWith("2026-06-21T10:00Z,");
        Read("homes.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length
            .ShouldBe(1 + report.Neighbourhood.Count);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static EpochView Epoch(Neighbourhood homes, int quarter)
    {
        var start = homes.Start.AddMinutes(15 * quarter);
        return new EpochView(
            202606211000, "zone-1", start, start.AddMinutes(15), "settled", 3.5m, 1.2m, 3, 3.6m, 3.4m, 0,
            Fairness: new EpochFairness(1, 0.9m, null, null, null, null, null, null, null, null));
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(_folder, file));
}
