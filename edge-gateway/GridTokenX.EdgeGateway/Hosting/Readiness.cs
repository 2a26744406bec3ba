using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Hosting;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>
/// Ready when the buffer takes readings and the home's broker brings them; the cloud is not asked for. Told to systemd
/// once it is so, with a line of what is missing until then. A broker that stays away later is an alarm.
/// </summary>
internal sealed class Readiness(
    GatewayDatabase database,
    HomeBroker home,
    Alarms alarms,
    ServiceNotifier notifier,
    WallTime wall,
    ILogger<Readiness> logger)
    : SupervisedService(wall, logger)
{
    /// <summary>A broker that restarts is back by then.</summary>
    internal static readonly TimeSpan BrokerMayBeAway = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private readonly Signal _changed = new();

    internal bool IsReady => database.IsOpen && home.Connection.IsConnected;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        home.Connection.ConnectionChanged += OnChanged;
        try
        {
            await WatchAsync(cancellationToken);
        }
        finally
        {
            home.Connection.ConnectionChanged -= OnChanged;
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var (seen, isTold) = (Wall.UtcNow, false);
        while (!cancellationToken.IsCancellationRequested)
        {
            seen = home.Connection.IsConnected ? Wall.UtcNow : seen;
            TellBroker(seen);
            if (!isTold)
            {
                isTold = IsReady;
                notifier.Send(StateNow());
            }

            _ = await _changed.WaitAsync(isTold ? LookAgain : Interval, Wall, cancellationToken);
        }
    }

    private string StateNow()
    {
        if (IsReady)
        {
            return "READY=1\nSTATUS=Takes readings.";
        }

        return database.IsOpen ? "STATUS=Waiting for the home's broker." : "STATUS=Waiting for the disk.";
    }

    private void OnChanged(bool connected) => _changed.Set();

    /// <param name="seen">When it was seen last.</param>
    private void TellBroker(DateTimeOffset seen)
    {
        if (home.Connection.IsConnected)
        {
            alarms.Clear(Alarms.HomeBrokerAway);
        }
        else if (Wall.UtcNow - seen > BrokerMayBeAway)
        {
            alarms.Raise(
                Alarms.HomeBrokerAway, "The home's broker cannot be reached: no readings come in, no commands go out.");
        }
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        notifier.Send("STOPPING=1");
        return base.StopAsync(cancellationToken);
    }
}
