using System.Text.Json;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>
/// The ready scenarios with faults on real parts, each beside the same run with sound meters; one of them has every
/// fault there is.
/// </summary>
public sealed class FaultTests
{
    /// <summary>With fewer trades between sound homes there would be little that a fault could change.</summary>
    private const long LeastMatches = 20;

    [Theory]
    [InlineData("every_fault", 30, 5, "cheating_meter clock_error gateway_down lossy_network offline_meter")]
    [InlineData("attack", 360, 48, "cheating_meter")]
    [InlineData("outage_week", 360, 40, "clock_error gateway_down lossy_network offline_meter")]
    public async Task A_faulty_or_cheating_meter_changes_nobody_elses_account_by_a_base_unit(
        string scenario, int tradeEvery, int others, string kinds)
    {
        string[] options = ["--scenario", scenario, "--trade-every", $"{tradeEvery}"];
        await using var sound = DemoRun.Start([.. options, "--without-faults"]);
        var before = await sound.FinishAsync();
        await using var faulty = DemoRun.Start([.. options, "--compare", sound.ReportFile]);
        var report = await faulty.FinishAsync();

        before.ShouldBeConserved();
        report.At("conservation").GetRawText().ShouldBe(before.At("conservation").GetRawText());
        report.At("energy").Number("produced_wh").ShouldBe(before.At("energy").Number("produced_wh"));
        report.Number("readings.lost").ShouldBe(report.Number("readings.rejected"));
        report.At("orders").GetRawText().ShouldBe(before.At("orders").GetRawText());
        report.Number("matches").ShouldBe(before.Number("matches"));
        report.Number("matches").ShouldBeGreaterThanOrEqualTo(LeastMatches);
        Kinds(report, played: true).ShouldBe(Kinds(before, played: false));
        string.Join(' ', Kinds(report, played: true).Distinct().Order(StringComparer.Ordinal)).ShouldBe(kinds);

        var concerned = report.At("faults").EnumerateArray()
            .Where(static fault => fault.At("keeps_from_trading").GetBoolean())
            .Select(static fault => fault.At("meter").GetString())
            .ToHashSet();
        Accounts(report, concerned).ShouldBe(Accounts(before, concerned));
        Accounts(report, concerned).Count.ShouldBe(others);
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
