using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Devices;

/// <summary>
/// Asks the cloud for the list of devices at the start, every minute, and when an unknown device speaks, at least a
/// second apart.
/// </summary>
internal sealed class DirectoryRefresher(
    DeviceDirectory directory, CloudClient cloud, WallTime wall, ILogger<DirectoryRefresher> logger)
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

        directory.Replace(devices);
        return true;
    }
}
