using System.Text.Json;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>
/// Any process, killed in the middle of a run and started again: nothing is lost, nothing is doubled.
/// </summary>
public sealed class RecoveryTests(UndisturbedRun undisturbed) : IClassFixture<UndisturbedRun>
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
        await using var run = DemoRun.Start(UndisturbedRun.Options);
        foreach (var hour in (int[])[9, 12, 15])
        {
            await run.ReachHourAsync(hour);
            await run.KillAndStartAsync(part);
        }

        var report = await run.FinishAsync();
        report.ShouldBeConserved();
        report.At("energy").GetRawText().ShouldBe(undisturbed.Report.At("energy").GetRawText());
        report.Number("readings.accepted").ShouldBe(undisturbed.Report.Number("readings.accepted"));
    }
}

/// <summary>The same neighbourhood with nothing killed: what every disturbed run is compared with.</summary>
public sealed class UndisturbedRun : IAsyncLifetime
{
    internal static readonly string[] Options = ["--homes", "4", "--days", "1", "--seed", "3"];

    internal JsonElement Report { get; private set; }

    public async Task InitializeAsync() => Report = await DemoRun.ReportOfAsync(Options);

    public Task DisposeAsync() => Task.CompletedTask;
}
