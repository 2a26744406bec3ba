using GridTokenX.Simulator.Cloud;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Simulator.Running;

/// <summary>
/// Market time, which the simulator owns: it tells the chain, the gateway and the cloud core, and tells the latter two
/// again after a restart. The chain, which keeps it, is told first: nobody acts at a time that is still to come there.
/// </summary>
internal sealed class MarketClock(CloudApi cloud, GatewayApi gateway, SolanaRpcClient rpc, DateTimeOffset start)
{
    public DateTimeOffset Now { get; private set; } = start;

    public async Task AdvanceAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        Now = now;
        _ = await rpc.CallAsync(
            "gridtokenx_setTime", to => to.WriteNumberValue(now.ToUnixTimeSeconds()), cancellationToken);
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
