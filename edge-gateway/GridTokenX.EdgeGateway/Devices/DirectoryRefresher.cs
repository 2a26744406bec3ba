using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Devices;

/// <summary>
/// Asks the cloud for the list of devices at the start, every minute, and when an unknown device speaks, at least a
/// second apart. A device speaks before it is registered, and installers register several in a row: after a word from
/// an unknown one, or a change, the next looks come soon, then ever later.
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
    private const int MostLooks = 8;
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly ReconnectDelays Delays = new(TimeSpan.FromSeconds(1), Interval);

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var looks = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var before = directory.Count;
            var isRead = await TryRefreshAsync(cancellationToken);
            looks = directory.Count == before ? Math.Min(looks + 1, MostLooks) : 1;
            await Wall.DelayAsync(LeastInterval, cancellationToken);
            var pause = isRead && looks == MostLooks ? Interval : Delays.Next(looks);
            if (await directory.RefreshWanted.WaitAsync(pause, Wall, cancellationToken))
            {
                looks = 0;
            }
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
