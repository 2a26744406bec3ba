using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Cloud;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Simulator.Running;

/// <summary>The connections to the parts that a run talks to.</summary>
internal sealed class Parts : IDisposable
{
    private readonly SocketsHttpHandler _transport = new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        UseProxy = false,
        AllowAutoRedirect = false,
    };

    private readonly ApiClient _cloudClient;
    private readonly ApiClient _gatewayClient;
    private readonly HttpClient _rpcClient;

    public Parts(Addresses addresses, DateTimeOffset start, WallTime time)
    {
        _cloudClient = new ApiClient(addresses.Cloud, _transport, time);
        _gatewayClient = new ApiClient(addresses.Gateway, _transport, time);
        _rpcClient = new HttpClient(_transport, disposeHandler: false);
        Time = time;
        Cloud = new CloudApi(_cloudClient);
        Gateway = new GatewayApi(_gatewayClient);
        Rpc = new SolanaRpcClient(
            _rpcClient,
            new SolanaRpcOptions
            {
                Endpoint = addresses.Rpc,
                MaxAttempts = 150,
                BaseDelay = TimeSpan.FromMilliseconds(50),
                MaxDelay = TimeSpan.FromSeconds(2),
            },
            time.Clock);
        Operator = SigningKey.Load(addresses.OperatorKeyFile);
        Clock = new MarketClock(Cloud, Gateway, Rpc, start);
        _cloudClient.ClockNotSet = Clock.RepeatAsync;
        _gatewayClient.ClockNotSet = Clock.RemindGatewayAsync;
    }

    public WallTime Time { get; }

    public CloudApi Cloud { get; }

    public GatewayApi Gateway { get; }

    public SolanaRpcClient Rpc { get; }

    public SigningKey Operator { get; }

    public MarketClock Clock { get; }

    /// <summary>The cloud core's state, after it has been told the time if a restart made it forget.</summary>
    public async Task<CloudSimulationStatus> CloudStatusAsync(CancellationToken cancellationToken)
    {
        var status = await Cloud.StatusAsync(cancellationToken);
        if (status.Now == Clock.Now)
        {
            return status;
        }

        await Clock.RepeatAsync(cancellationToken);
        return await Cloud.StatusAsync(cancellationToken);
    }

    /// <summary>The gateway's state, after it has been told the time if a restart made it forget.</summary>
    public async Task<GatewayStatus> GatewayStatusAsync(CancellationToken cancellationToken)
    {
        var status = await Gateway.StatusAsync(cancellationToken);
        if (status.Now == Clock.Now)
        {
            return status;
        }

        await Clock.RemindGatewayAsync(cancellationToken);
        return await Gateway.StatusAsync(cancellationToken);
    }

    public void Dispose()
    {
        _cloudClient.Dispose();
        _gatewayClient.Dispose();
        _rpcClient.Dispose();
        _transport.Dispose();
        Operator.Dispose();
    }
}
