using System.Text.Json;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>A scenario of two linked zones on real parts, twice.</summary>
public sealed class ZoneTests
{
    private const decimal WheelingPrice = 0.25m;

    [Fact]
    public async Task Zones_trade_with_each_other_and_everything_is_conserved_with_wheeling_charged()
    {
        var report = await DemoRun.ReportOfAsync("--scenario", "two_zones", "--trade-every", "60");

        report.ShouldBeConserved();
        report.At("problems").GetArrayLength().ShouldBe(0);
        var links = report.At("links").EnumerateArray().ToList();
        links.Count.ShouldBe(2);
        Sum(links, "matches").ShouldBeGreaterThanOrEqualTo(10);
        Sum(links, "lost_wh").ShouldBePositive();
        foreach (var link in links)
        {
            var (sent, lost) = (link.Number("sent_wh"), link.Number("lost_wh"));
            lost.ShouldBeInRange(sent * 4 / 100, (sent * 4 / 100) + 1 + link.Number("matches"));
            ((sent - lost) * WheelingPrice * 1_000).ShouldBeInRange(
                link.Number("wheeling_ugrx"), link.Number("wheeling_ugrx") + link.Number("matches"));
        }

        // What is sold anywhere is bought somewhere, but for what is lost on the way; nobody pays twice for it.
        var zones = report.At("zones").EnumerateArray().ToList();
        zones.ConvertAll(static zone => zone.At("zone").GetString()).ShouldBe(["bay", "hill"]);
        Sum(zones, "sold_wh").ShouldBe(Sum(zones, "bought_wh") + Sum(links, "lost_wh"));
        Sum(zones, "trades").ShouldBe(report.Number("matches"));
        Sum(zones, "homes").ShouldBe(report.Number("homes"));
        Sum(zones, "minted_wh").ShouldBe(report.Number("energy.minted_wh"));
        Sum(links, "value_ugrx").ShouldBeLessThan(report.Number("settlements.value_ugrx"));

        await using var simulation = DemoRun.StartSimulation("two_zones", "--trade-every", "60");
        var again = await simulation.FinishAsync();
        again.At("fingerprint").GetString().ShouldBe(report.At("fingerprint").GetString());
    }

    private static long Sum(IEnumerable<JsonElement> rows, string name) => rows.Sum(row => row.Number(name));
}
