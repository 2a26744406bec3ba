using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>
/// Ready when the buffer takes readings and the home's broker brings them; the cloud is not asked for. Told to systemd
/// once it is so, with a line of what is missing until then.
/// </summary>
internal sealed class Readiness(
    GatewayDatabase database,
    HomeBroker home,
    ServiceNotifier notifier,
    WallTime wall,
    ILogger<Readiness> logger)
    : SupervisedService(wall, logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    internal bool IsReady => database.IsOpen && home.Connection.IsConnected;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var changed = new Signal();
        home.Connection.ConnectionChanged += _ => changed.Set();
        while (!IsReady)
        {
            notifier.Send(database.IsOpen ? "STATUS=Waiting for the home's broker." : "STATUS=Waiting for the disk.");
            _ = await changed.WaitAsync(Interval, Wall, cancellationToken);
        }

        notifier.Send("READY=1\nSTATUS=Takes readings.");
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        notifier.Send("STOPPING=1");
        return base.StopAsync(cancellationToken);
    }
}
