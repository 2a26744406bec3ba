using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Cloud;

namespace GridTokenX.Simulator.Live;

/// <summary>
/// Makes the meters known to the cloud core: one owner, whose meters they all are, and a gateway that may speak for
/// them. Whatever is there from an earlier run stays.
/// </summary>
internal sealed class LiveOpening(CloudApi cloud, LiveOptions options, LiveKeys keys)
{
    private const int AtOnce = 4;

    /// <summary>Lets the simulator's own gateway in; the operator's key is needed once.</summary>
    public Task RegisterGatewayAsync(Key32 gateway, SigningKey operatorKey, CancellationToken cancellationToken) =>
        cloud.RegisterGatewayAsync(
            new RegisterGatewayRequest(gateway, "Simulator, live mode"), operatorKey, cancellationToken);

    /// <exception cref="ApiException">Refused; the message says what.</exception>
    public async Task<IReadOnlyList<LiveMeter>> RegisterMetersAsync(
        Key32 gateway, Action<int> told, CancellationToken cancellationToken)
    {
        var owner = keys.Owner;
        var user = await cloud.RegisterUserAsync(
            new RegisterUserRequest("Simulator, live mode", "prosumer"), owner, cancellationToken);
        var meters = Enumerable.Range(1, options.Meters).Select(number => new LiveMeter(keys, options, number)).ToList();
        var done = 0;
        var bound = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(meters, bound, async (meter, cancellation) =>
        {
            _ = await cloud.RegisterMeterAsync(
                new RegisterMeterRequest(
                    meter.MeterId, meter.Device, options.Zone, gateway, meter.Consent(user.Wallet, gateway)),
                owner,
                cancellation);
            meter.Resume(await cloud.MeterAsync(meter.MeterId, owner, cancellation));
            told(Interlocked.Increment(ref done));
        });
        return meters;
    }
}
