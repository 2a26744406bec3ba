using GridTokenX.Simulator.Live;

namespace GridTokenX.Simulator.Tests.Live;

public sealed class HomeTimeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-live-").FullName;

    [Theory]
    [InlineData("UTC", 12, true)]
    [InlineData("UTC", 19, true)]
    [InlineData("UTC", 2, false)]
    [InlineData("Asia/Bangkok", 5, true)]
    [InlineData("Asia/Bangkok", 19, false)]
    [InlineData("America/Los_Angeles", 2, true)]
    public void The_sun_is_on_a_roof_by_the_clocks_of_its_home(string zone, int utcHour, bool shines)
    {
        using var keys = LiveKeys.LoadOrCreate(Path.Combine(_folder, "keys.json"));
        using var meter = new LiveMeter(keys, Options(zone), number: 1);
        var at = new DateTimeOffset(2026, 6, 21, utcHour, 0, 0, TimeSpan.Zero);
        meter.TryRead(at).ShouldBeTrue();
        meter.TryRead(at.AddMinutes(15)).ShouldBeTrue();
        (meter.Pending.Last().ProductionWh > 0).ShouldBe(shines);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static LiveOptions Options(string zone) => new()
    {
        Meters = 1,
        Seed = 1,
        Zone = "zone-1",
        HomeTime = TimeZoneInfo.FindSystemTimeZoneById(zone),
        Interval = TimeSpan.FromMinutes(15),
        RequestsPerSecond = 1,
    };
}
