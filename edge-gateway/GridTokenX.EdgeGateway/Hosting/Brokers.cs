using GridTokenX.Mqtt;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>
/// A connection that starts and ends with the process. Sessions are kept at the broker while the gateway is away.
/// </summary>
internal abstract class Broker(string name, BrokerOptions options, SigningKey key, int? maxInFlight, ILogger logger)
    : IHostedService
{
    internal IMqttConnection Connection { get; } = new MosquittoConnection(
        new MqttOptions
        {
            Host = options.Host,
            Port = options.Port,
            ClientId = $"gateway-{key.PublicKey}",
            UserName = options.UserName ?? (options.PasswordFile is null ? null : key.PublicKey.ToString()),
            Password = Secrets.ReadPassword(options.PasswordFile),
            TlsAuthorityFile = options.TlsAuthorityFile,
            CleanSession = false,
            MaxInFlight = maxInFlight,
        },
        (what, exception) => Log.BrokerReports(logger, name, what, exception));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Connection.ConnectionChanged += connected =>
            Log.BrokerConnection(logger, name, connected ? "connected" : "lost");
        Connection.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await Connection.DisposeAsync();
}

/// <summary>The LAN's broker: devices and this gateway.</summary>
internal sealed class HomeBroker(GatewayOptions options, SigningKey key, ILogger<HomeBroker> logger)
    : Broker("home", options.HomeBroker, key, MaxInFlight, logger)
{
    /// <summary>The broker is on the same machine or the same LAN.</summary>
    internal const int MaxInFlight = 250;
}

/// <summary>The cloud's broker: commands come from there, states go there.</summary>
internal sealed class CloudBroker(GatewayOptions options, SigningKey key, ILogger<CloudBroker> logger)
    : Broker("cloud", options.CloudBroker, key, maxInFlight: null, logger);
