using System.Text.Json;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Reporting;
using GridTokenX.Simulator.Running;

namespace GridTokenX.Simulator.Tests.Reporting;

public sealed class StoppedReportTests
{
    [Fact]
    public void A_stopped_run_says_what_was_played_and_proves_nothing()
    {
        var options = new NeighbourhoodOptions { Homes = 2, Days = 1, Seed = 3, PvScale = 1 };
        var plan = new HomePlan(1, new LoadModel(3, 0, 96), Pv: null, 0, 0);
        var report = StoppedReport.Of(
            options,
            [new HomeBooks(plan, 10, 700, 300, 400)],
            quarters: 10,
            TimeSpan.FromSeconds(4.24),
            new Dictionary<string, decimal>(),
            cloud: null);
        var json = JsonSerializer.SerializeToElement(report, ReportJson.Default.StoppedReport);
        json.GetProperty("complete").GetBoolean().ShouldBeFalse();
        json.GetProperty("simulated_seconds").GetInt64().ShouldBe(9_000);
        json.GetProperty("planned_seconds").GetInt64().ShouldBe(86_400);
        json.GetProperty("readings_produced").GetInt64().ShouldBe(10);
        json.GetProperty("produced_wh").GetInt64().ShouldBe(700);
        json.GetProperty("neighbourhood").GetArrayLength().ShouldBe(1);
        json.GetProperty("cloud").ValueKind.ShouldBe(JsonValueKind.Null);
        json.TryGetProperty("conservation", out _).ShouldBeFalse();
    }

    [Fact]
    public void The_rest_of_a_run_takes_as_long_as_what_was_played()
    {
        var clock = new SteppedTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var pace = new Pace(clock, 96);
        clock.Advance(TimeSpan.FromSeconds(100));
        pace.Begin();
        pace.Left.ShouldBe(TimeSpan.Zero);
        clock.Advance(TimeSpan.FromSeconds(6));
        pace.Played(24);
        pace.Left.ShouldBe(TimeSpan.FromSeconds(18));
        pace.Played(96);
        pace.Left.ShouldBe(TimeSpan.Zero);
    }
}
