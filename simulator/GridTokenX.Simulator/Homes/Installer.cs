using System.Collections.Concurrent;
using System.Text.Json;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Simulator.Homes;

/// <summary>
/// Who stands at the meters with a laptop: asks devices for their consent and brings them the cloud's key, over the
/// home's broker, as the gateway's own tool does.
/// </summary>
internal sealed class Installer : IAsyncDisposable
{
    private readonly MosquittoConnection _connection;
    private readonly ConcurrentDictionary<string, byte[]> _consents = new(StringComparer.Ordinal);

    public Installer(HomeNetwork network)
    {
        var options = new MqttOptions
        {
            Host = network.BrokerHost,
            Port = network.BrokerPort,
            ClientId = $"installer-{Guid.NewGuid():N}",
            CleanSession = true,
        };
        _connection = new MosquittoConnection(options, network.Report, loop: network.Loop);
        _connection.MessageReceived += Take;
        _connection.Subscribe(Topics.AllConsents, MqttQos.AtLeastOnce);
        _connection.Start();
    }

    public bool IsConnected => _connection.IsConnected;

    /// <summary>The device's signature, once it has answered.</summary>
    public byte[]? ConsentOf(Key32 device) => _consents.GetValueOrDefault(device.ToString());

    public Task AskConsentAsync(Key32 device, Key32 owner, Key32 gateway, CancellationToken cancellationToken) =>
        SendAsync(
            device,
            $$"""{"device":"{{device}}","owner":"{{owner}}","gateway":"{{gateway}}"}""",
            cancellationToken);

    public Task OfferAsync(Key32 device, Key32 cloudKey, CancellationToken cancellationToken) =>
        SendAsync(device, $$"""{"device":"{{device}}","cloud_key":"{{cloudKey}}"}""", cancellationToken);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private Task SendAsync(Key32 device, string json, CancellationToken cancellationToken) =>
        _connection.PublishAsync(
            Topics.Pairing(device.ToString()),
            System.Text.Encoding.ASCII.GetBytes(json),
            MqttQos.AtLeastOnce,
            retain: false,
            cancellationToken);

    private void Take(MqttMessage message)
    {
        try
        {
            using var consent = JsonDocument.Parse(message.Payload);
            var signature = new byte[Ed25519.SignatureLength];
            var text = consent.RootElement.GetProperty("consent").GetString();
            if (Topics.DeviceOf(message.Topic) is { } device && Base58.TryDecode(text, signature, signature.Length))
            {
                _consents[device] = signature;
            }
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException)
        {
            // Not from a device.
        }
    }
}
