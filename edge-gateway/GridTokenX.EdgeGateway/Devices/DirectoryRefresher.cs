using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Devices;

/// <summary>
/// Asks the cloud for the list of devices at the start, every minute, and when an unknown device speaks, at least a
/// second apart.
/// </summary>
internal sealed class DirectoryRefresher(
    DeviceDirectory directory,
    CloudClient cloud,
    DeviceHolds holds,
    ReadingOutbox outbox,
    WallTime wall,
    ILogger<DirectoryRefresher> logger)
    : SupervisedService(wall, logger)
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly ReconnectDelays Delays = new(TimeSpan.FromSeconds(1), Interval);

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            failures = await TryRefreshAsync(cancellationToken) ? 0 : failures + 1;
            await Wall.DelayAsync(LeastInterval, cancellationToken);
            var pause = failures == 0 ? Interval : Delays.Next(failures);
            await directory.RefreshWanted.WaitAsync(pause, Wall, cancellationToken);
        }
    }

    private async Task<bool> TryRefreshAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<GatewayDevice> devices;
        try
        {
            devices = await cloud.DevicesAsync(cancellationToken);
        }
        catch (CloudException exception)
        {
            Log.DevicesNotRead(logger, exception.Message);
            return false;
        }

        if (devices.Count != directory.Count)
        {
            Log.DevicesRead(logger, devices.Count);
        }

        foreach (var device in directory.Replace(devices))
        {
            // It has just been registered: what the cloud refused of it before may be welcome now.
            holds.TryNow(device, Wall.UtcNow);
            _ = outbox.Requeue(device, Wall.UtcNow);
        }

        return true;
    }
}
