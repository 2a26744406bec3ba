namespace GridTokenX.EndToEnd.Tests;

/// <summary>
/// Any process, killed in the middle of a run and started again, each three times: nothing is lost, nothing is doubled.
/// </summary>
[Collection(nameof(UndisturbedRun))]
public sealed class RecoveryTests(UndisturbedRun undisturbed)
{
    [Theory]
    [InlineData("core", "chain", "broker-home")]
    [InlineData("gateway", "postgres", "broker-cloud")]
    public async Task Killed_parts_go_on_where_they_were(params string[] parts)
    {
        await using var run = DemoRun.Start(UndisturbedRun.Options);
        for (var kill = 0; kill < 3 * parts.Length; kill++)
        {
            await run.ReachHourAsync(8 + kill);
            await run.KillAndStartAsync(parts[kill % parts.Length]);
        }

        var report = await run.FinishAsync();
        report.ShouldBeConserved();
        report.At("energy").GetRawText().ShouldBe(undisturbed.Report.At("energy").GetRawText());
        report.Number("readings.accepted").ShouldBe(undisturbed.Report.Number("readings.accepted"));
    }
}
