using System.Text.Json;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>Reads a demo's report by path: <c>report.At("energy.minted_wh")</c>.</summary>
internal static class Report
{
    internal static JsonElement At(this JsonElement report, string path) =>
        path.Split('.').Aggregate(report, static (element, name) => element.GetProperty(name));

    internal static long Number(this JsonElement report, string path) => report.At(path).GetInt64();

    /// <summary>What must hold of every run, whatever happened to its parts.</summary>
    internal static void ShouldBeConserved(this JsonElement report)
    {
        report.At("conservation.grid_ok").GetBoolean().ShouldBeTrue();
        report.At("conservation.grx_ok").GetBoolean().ShouldBeTrue();
        report.At("conservation.database_matches_chain").GetBoolean().ShouldBeTrue();
        report.Number("readings.lost").ShouldBe(0);
        report.Number("readings.rejected").ShouldBe(0);
        report.Number("readings.accepted").ShouldBe(report.Number("readings.produced"));
        report.Number("settlements.failed").ShouldBe(0);
        report.Number("settlements.completed").ShouldBe(report.Number("matches"));
        report.Number("epochs.settled").ShouldBe(report.Number("epochs.cleared"));
        report.Number("chain.grid_supply").ShouldBe(report.Number("energy.minted_wh") * 1_000_000);
    }

    /// <summary>What the same seed gives again; wall time and addresses differ.</summary>
    internal static string Market(this JsonElement report) => string.Join(
        '\n',
        ((string[])["energy", "orders", "matches", "epochs", "settlements", "market"])
            .Select(name => $"{name}: {report.GetProperty(name).GetRawText()}"));
}
