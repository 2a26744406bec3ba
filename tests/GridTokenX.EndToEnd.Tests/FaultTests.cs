using System.Text.Json;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>
/// Every fault of a scenario on real parts, all of them in one run, beside the same run with sound meters.
/// </summary>
public sealed class FaultTests
{
    private static readonly string[] Scenario = ["--scenario", "every_fault", "--trade-every", "30"];

    /// <summary>With fewer trades between sound homes there would be little that a fault could change.</summary>
    private const long LeastMatches = 20;

    [Fact]
    public async Task A_faulty_or_cheating_meter_changes_nobody_elses_account_by_a_base_unit()
    {
        await using var sound = DemoRun.Start([.. Scenario, "--without-faults"]);
        var before = await sound.FinishAsync();
        await using var faulty = DemoRun.Start([.. Scenario, "--compare", sound.ReportFile]);
        var report = await faulty.FinishAsync();

        before.ShouldBeConserved();
        report.At("conservation").GetRawText().ShouldBe(before.At("conservation").GetRawText());
        report.At("energy").Number("produced_wh").ShouldBe(before.At("energy").Number("produced_wh"));
        report.Number("readings.lost").ShouldBe(report.Number("readings.rejected"));
        report.At("orders").GetRawText().ShouldBe(before.At("orders").GetRawText());
        report.Number("matches").ShouldBe(before.Number("matches"));
        report.Number("matches").ShouldBeGreaterThanOrEqualTo(LeastMatches);
        Kinds(report, played: true).ShouldBe(Kinds(before, played: false));
        Kinds(report, played: true).Distinct().ShouldBe(
            ["lossy_network", "offline_meter", "gateway_down", "clock_error", "cheating_meter"]);

        var concerned = report.At("faults").EnumerateArray()
            .Where(static fault => fault.At("keeps_from_trading").GetBoolean())
            .Select(static fault => fault.At("meter").GetString())
            .ToHashSet();
        Accounts(report, concerned).ShouldBe(Accounts(before, concerned));
        Accounts(report, concerned).Count.ShouldBe(5);
    }

    private static List<string?> Kinds(JsonElement report, bool played)
    {
        var faults = report.At("faults").EnumerateArray().ToList();
        faults.ShouldAllBe(fault => fault.At("played").GetBoolean() == played);
        return faults.ConvertAll(static fault => fault.At("kind").GetString());
    }

    /// <summary>What each of the others has, to the base unit.</summary>
    private static List<string> Accounts(JsonElement report, HashSet<string?> concerned) =>
    [
        .. report.At("neighbourhood").EnumerateArray()
            .Where(home => !concerned.Contains(home.At("meter").GetString()))
            .Select(static home => $"{home.At("meter")}: {home.At("grid_base_units")} GRID, {home.At("ugrx")} µGRX"),
    ];
}
