using System.Net.Sockets;
using System.Text;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Hosting;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>systemd's side of the gateway: a real datagram socket.</summary>
public sealed class SupervisionTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"gtx-notify-{Guid.NewGuid():N}");
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public SupervisionTests() => _systemd.Bind(new UnixDomainSocketEndPoint(_path));

    public void Dispose()
    {
        _systemd.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public async Task Ready_is_told_when_the_broker_is_there_and_not_before()
    {
        await using var world = await World.CreateAsync(null, "--NOTIFY_SOCKET", _path);
        world.HomeBroker.Kill9();
        await world.StartGatewayAsync(awaitDevices: false);
        await Eventually.HoldsAsync(() => Told().Contains("STATUS=Waiting for the home's broker."));
        (await world.IsReadyAsync()).ShouldBeFalse();
        _told.ShouldNotContain(static text => text.StartsWith("READY=1", StringComparison.Ordinal));

        await world.HomeBroker.RestartAsync();

        await Eventually.HoldsAsync(() =>
            Told().Exists(static text => text.StartsWith("READY=1", StringComparison.Ordinal)));
        (await world.IsReadyAsync()).ShouldBeTrue();
        await world.StopGatewayAsync();
        Told().ShouldContain("STOPPING=1");
    }

    [Fact]
    public async Task The_watchdog_is_fed_by_the_forwarder_also_while_the_cloud_is_away()
    {
        var wall = new SteppedTime(Some.Noon.AddDays(30));
        await using var world = await World.CreateAsync(wall, "--NOTIFY_SOCKET", _path);
        world.Store([Some.Reading(world.Device, 1)]);
        world.Cloud.FailNext(10_000, ScriptedCloud.Status(500));
        await world.StartGatewayAsync();

        // An hour of an absent cloud: one beat after the other, however long the wait between two tries.
        for (var step = 0; step < 180; step++)
        {
            var before = world.Part<Heartbeat>().Beats;
            await Eventually.HoldsAsync(() =>
            {
                if (world.Cloud.IsIdle && world.Part<Heartbeat>().Beats == before)
                {
                    wall.Advance(Heartbeat.Interval / 4);
                }

                return world.Part<Heartbeat>().Beats > before;
            });
        }

        Told().ShouldContain("WATCHDOG=1");
        world.Count("reading where status = 0").ShouldBe(1);
    }

    [Fact]
    public void An_intake_that_stands_still_starves_the_watchdog()
    {
        var wall = new SteppedTime(Some.Noon);
        using var notifier = new ServiceNotifier(_path, static (_, _) => { });
        var heartbeat = new Heartbeat(notifier, new WallTime(wall));

        heartbeat.IntakeBegins();
        heartbeat.Beat();
        wall.Advance(Heartbeat.Stuck + TimeSpan.FromSeconds(1));
        heartbeat.Beat();
        heartbeat.Beats.ShouldBe(1);

        heartbeat.IntakeEnds();
        heartbeat.Beat();
        heartbeat.Beats.ShouldBe(2);
    }

    [Fact]
    public void A_socket_that_is_gone_stops_nothing()
    {
        using var notifier = new ServiceNotifier(_path + "-gone", static (_, _) => { });
        notifier.Send("READY=1");
        using var none = new ServiceNotifier(null, static (_, _) => { });
        none.Send("READY=1");
    }

    private readonly List<string> _told = [];

    private List<string> Told()
    {
        var buffer = new byte[4096];
        while (_systemd.Available > 0)
        {
            var text = Encoding.UTF8.GetString(buffer, 0, _systemd.Receive(buffer));
            _told.AddRange(text.StartsWith("READY", StringComparison.Ordinal) ? [text] : text.Split('\n'));
        }

        return _told;
    }
}
