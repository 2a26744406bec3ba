using System.Net.Sockets;
using System.Text;
using GridTokenX.CloudCore.Operations;
using GridTokenX.Protocol.Hosting;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Tests.Operations;

public sealed class HeartbeatTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtx-notify-").FullName;
    private readonly HashSet<string> _seen = [];
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public HeartbeatTests()
    {
        _systemd.Bind(new UnixDomainSocketEndPoint(Address));
        _systemd.ReceiveTimeout = (int)TimeSpan.FromMinutes(2).TotalMilliseconds;
    }

    private string Address => Path.Combine(_folder, "notify");

    public void Dispose()
    {
        _systemd.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Systemd_is_told_when_the_database_is_there_when_workers_go_round_and_when_it_ends()
    {
        var options = new CloudHostOptions
        {
            Settings = new Dictionary<string, string>
            {
                ["Simulation:Enabled"] = "false",
                ["NOTIFY_SOCKET"] = Address,
            },
        };
        await using (await CloudHost.StartAsync(options))
        {
            Until("STATUS=Waiting for the database.");
            Until("READY=1\nSTATUS=Serves.");
            Until("WATCHDOG=1");
        }

        Until("STOPPING=1");
    }

    [Fact]
    public void A_worker_that_stands_still_keeps_the_others_beats_back()
    {
        var time = new SteppedTime(CloudHost.Noon);
        using var notifier = new ServiceNotifier(null, static (_, _) => { });
        var heartbeat = new Heartbeat(notifier, new WallTime(time));
        heartbeat.Begins("stuck");
        heartbeat.Begins("sound");
        heartbeat.Ends("sound");
        heartbeat.Beats.ShouldBe(1);

        time.Advance(Heartbeat.Stuck + TimeSpan.FromSeconds(1));
        heartbeat.Begins("sound");
        heartbeat.Ends("sound");
        heartbeat.Beats.ShouldBe(1);

        heartbeat.Ends("stuck");
        heartbeat.Beats.ShouldBe(2);
    }

    /// <summary>Reads on until it comes.</summary>
    private void Until(string state)
    {
        var buffer = new byte[1_000];
        while (!_seen.Contains(state))
        {
            _ = _seen.Add(Encoding.UTF8.GetString(buffer, 0, _systemd.Receive(buffer)));
        }
    }
}
