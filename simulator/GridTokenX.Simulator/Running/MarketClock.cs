using GridTokenX.Simulator.Cloud;

namespace GridTokenX.Simulator.Running;

/// <summary>
/// Market time, which the simulator owns: it tells the gateway and the cloud core, and tells them again after a
/// restart.
/// </summary>
internal sealed class MarketClock(CloudApi cloud, GatewayApi gateway, DateTimeOffset start)
{
    public DateTimeOffset Now { get; private set; } = start;

    public async Task AdvanceAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        Now = now;
        _ = await gateway.SetTimeAsync(now, cancellationToken);
        _ = await cloud.AdvanceAsync(now, cancellationToken);
    }

    /// <summary>
    /// Lets the cloud core do what is due at the present time, and tells it the time if it has forgotten.
    /// </summary>
    public Task RepeatAsync(CancellationToken cancellationToken) => cloud.AdvanceAsync(Now, cancellationToken);

    /// <summary>Tells the gateway the time again.</summary>
    public Task RemindGatewayAsync(CancellationToken cancellationToken) => gateway.SetTimeAsync(Now, cancellationToken);
}
