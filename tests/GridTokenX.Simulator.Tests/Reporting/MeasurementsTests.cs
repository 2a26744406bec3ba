using System.Text.Json;
using GridTokenX.Simulator.Reporting;

namespace GridTokenX.Simulator.Tests.Reporting;

public sealed class MeasurementsTests
{
    private const int SessionADay = 96;

    [Fact]
    public void Month_like_the_published_one_is_compared_with_it()
    {
        var wall = Wall(ReportTests.Report() with { Homes = 80, SimulatedSeconds = 2_592_000 }, SessionADay);

        wall.GetProperty("baseline").GetDecimal().ShouldBe(1_008);
        wall.GetProperty("ratio").GetDecimal()
            .ShouldBe(decimal.Round(wall.GetProperty("value").GetDecimal() / 1_008, 3));
    }

    [Theory]
    [InlineData(79, 2_592_000, SessionADay)]
    [InlineData(80, 2_505_600, SessionADay)]
    [InlineData(80, 2_592_000, 24)]
    public void Any_other_run_is_compared_with_nothing(int homes, long seconds, int sessionQuarters)
    {
        var wall = Wall(
            ReportTests.Report() with { Homes = homes, SimulatedSeconds = seconds }, sessionQuarters);

        wall.TryGetProperty("baseline", out _).ShouldBeFalse();
        wall.TryGetProperty("ratio", out _).ShouldBeFalse();
    }

    private static JsonElement Wall(DemoReport report, int sessionQuarters) =>
        Measurements.Of(report, sessionQuarters)
            .Select(static line => JsonSerializer.Deserialize<JsonElement>(line))
            .Single(static line => line.GetProperty("metric").GetString() == "wall");
}
