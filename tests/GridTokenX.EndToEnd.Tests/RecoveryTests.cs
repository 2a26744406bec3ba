namespace GridTokenX.EndToEnd.Tests;

/// <summary>Any process, killed in the middle of a run and started again: nothing is lost, nothing is doubled.</summary>
public sealed class RecoveryTests
{
    [Theory]
    [InlineData("core")]
    [InlineData("gateway")]
    [InlineData("chain")]
    [InlineData("broker-home")]
    [InlineData("broker-cloud")]
    [InlineData("postgres")]
    public async Task Killed_part_goes_on_where_it_was(string part)
    {
        var undisturbed = await Undisturbed;
        await using var run = DemoRun.Start(Options);
        foreach (var hour in (int[])[9, 12, 15])
        {
            await run.ReachHourAsync(hour);
            await run.KillAndStartAsync(part);
        }

        var report = await run.FinishAsync();
        report.ShouldBeConserved();
        report.At("energy").GetRawText().ShouldBe(undisturbed.At("energy").GetRawText());
        report.Number("readings.accepted").ShouldBe(undisturbed.Number("readings.accepted"));
    }

    private static readonly string[] Options = ["--homes", "4", "--days", "1", "--seed", "3"];

    private static readonly Lazy<Task<System.Text.Json.JsonElement>> UndisturbedRun =
        new(static () => DemoRun.ReportOfAsync(Options));

    private static Task<System.Text.Json.JsonElement> Undisturbed => UndisturbedRun.Value;
}
