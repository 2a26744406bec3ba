using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Homes;

namespace GridTokenX.Simulator.Tests.Homes;

public sealed class DeviceUptimeTests
{
    private static readonly DateTimeOffset Boot = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SteppedTime _wall = new(Boot);
    private readonly DeviceUptime _uptime;

    public DeviceUptimeTests() => _uptime = new DeviceUptime(_wall, Boot);

    [Fact]
    public void Where_market_time_stands_still_the_wall_clock_counts()
    {
        _wall.Advance(TimeSpan.FromSeconds(3));
        _uptime.Milliseconds.ShouldBe(30_000);
        _uptime.MoveTo(Boot);
        _uptime.Milliseconds.ShouldBe(30_000);
    }

    [Fact]
    public void Market_time_catches_up_and_nothing_goes_back()
    {
        _wall.Advance(TimeSpan.FromSeconds(3));
        _uptime.MoveTo(Boot.AddMinutes(15));
        _uptime.Milliseconds.ShouldBe(15 * 60_000);
        _wall.Advance(TimeSpan.FromMinutes(2));
        _uptime.MoveTo(Boot.AddMinutes(30));
        _uptime.Milliseconds.ShouldBe(35 * 60_000, "two minutes were waited, which are twenty here");
        _uptime.MoveTo(Boot.AddMinutes(45));
        _uptime.Milliseconds.ShouldBe(45 * 60_000);
    }

    [Fact]
    public void What_is_skipped_passes_at_once_and_held_time_never()
    {
        _wall.Advance(TimeSpan.FromSeconds(1));
        _uptime.Hold();
        _wall.Advance(TimeSpan.FromSeconds(3));
        _uptime.Skip(TimeSpan.FromMinutes(1));
        _uptime.Milliseconds.ShouldBe(70_000);
        _uptime.MoveTo(Boot.AddSeconds(1));
        _uptime.GoOn();
        _uptime.Milliseconds.ShouldBe(70_000);
        _wall.Advance(TimeSpan.FromSeconds(1));
        _uptime.Milliseconds.ShouldBe(80_000);
    }
}
