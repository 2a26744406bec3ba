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
        var report = ReportTests.Report() with
        {
            Command = "./gridtokenx demo --seed 2",
            Scenario = scenario,
            Problems = ["one GRID is missing"],
        };
        StackFolder.Write(_folder, report, quarters);

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

    [Fact]
    public void Zones_have_rows_and_prices_of_their_own()
    {
        var homes = Homes;
        homes = homes with
        {
            Homes = [.. homes.Homes.Select(static home => home with { Zone = home.IsProsumer ? "hill" : "bay" })],
            Zones = ["hill", "bay"],
        };
        var epoch = Epoch(homes, quarter: 40) with { Zone = "bay" };
        var quarters = StackSeries.Of(homes, [epoch]);
        quarters.Count.ShouldBe(192);
        quarters.Where(static quarter => quarter.Zone == "bay").Sum(static quarter => quarter.ProducedWh).ShouldBe(0);
        var report = ReportTests.Report() with
        {
            Zones = [new ZoneReport("bay", 2, 0, 900, 0, 1_200, 3, 3.5m, 1_250)],
            Links = [new LinkReport("hill", "bay", 1, 60, 10, 180_000, 12_500)],
        };
        StackFolder.Write(_folder, report, quarters);

        var rows = Read("epochs.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        rows.Length.ShouldBe(193);
        rows[82].ShouldStartWith("2026-06-21T10:00Z,bay,0,");
        rows[82].ShouldEndWith(",1200,3,3.5,3.4,3.6,1,0.9");
        var page = Read("report.html");
        page.ShouldContain("wheeling owed");
        page.ShouldContain("Of what was sold in each zone.");

        // The only quarter hour with a price has no line to a neighbour: it is a dot.
        page.Split("<circle class=\"b2\"").Length.ShouldBe(2);
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
