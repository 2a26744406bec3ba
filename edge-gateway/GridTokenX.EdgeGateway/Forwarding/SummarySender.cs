using System.Net;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Time;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.EdgeGateway.Forwarding;

/// <summary>
/// Tells the cloud each minute how the gateway and its devices are, besides the readings: a backlog drains oldest
/// first, and the newest of a device would be the last to arrive. A cloud that does not know summaries
/// is asked again later.
/// </summary>
internal sealed class SummarySender(
    CloudClient cloud,
    ReadingOutbox outbox,
    DeviceDirectory directory,
    DeviceWatch watch,
    MarketClock clock,
    Alarms alarms,
    WallTime wall,
    ILogger<SummarySender> logger)
    : SupervisedService(wall, logger)
{
    internal const int MaxDevices = 1000;
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UnknownThere = TimeSpan.FromHours(1);
    private static readonly ReconnectDelays Spread = new(Interval, Interval);

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await Wall.DelayAsync(Spread.Next(0), cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            await Wall.DelayAsync(await SendAsync(cancellationToken), cancellationToken);
        }
    }

    internal GatewaySummary Compose() =>
        new(
            clock.Now,
            outbox.Backlog,
            outbox.OldestPending(),
            outbox.QuarantinedCount,
            [.. alarms.All().Select(static alarm => alarm.Name)],
            [.. directory.All().Take(MaxDevices).Select(Compose)],
            BuildVersion.Text);

    private DeviceSummary Compose(GatewayDevice device)
    {
        var sight = watch.Of(device.Device);
        var newest = outbox.Newest(device.Device);
        return new DeviceSummary(
            device.Device,
            sight.Online,
            newest?.Sequence ?? 0,
            newest?.Timestamp,
            newest is null or { SocPermille: ReadingBytes.NoBattery } ? null : newest.SocPermille,
            sight.ClockOffset is { } offset ? (long)offset.TotalSeconds : null);
    }

    private async Task<TimeSpan> SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await cloud.SummariseAsync(Compose(), cancellationToken);
            return Interval;
        }
        catch (CloudException exception)
        {
            Log.SummaryNotSent(logger, exception.Message);
            return exception.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed
                ? UnknownThere
                : Interval;
        }
    }
}
