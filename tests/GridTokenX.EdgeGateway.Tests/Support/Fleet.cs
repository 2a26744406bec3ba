using System.Collections.Concurrent;
using System.Text.Json;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests.Support;

/// <summary>An MQTT client that plays devices, or the cloud core, and remembers what it was sent.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly MosquittoConnection _connection;

    private Fleet(int port, string clientId, string[] subscriptions)
    {
        _connection = new MosquittoConnection(
            new MqttOptions { Host = "127.0.0.1", Port = port, ClientId = clientId, CleanSession = true },
            static (_, _) => { },
            new ReconnectDelays(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200)));
        _connection.MessageReceived += OnMessage;
        foreach (var filter in subscriptions)
        {
            _connection.Subscribe(filter, MqttQos.AtLeastOnce);
        }

        _connection.Start();
    }

    /// <summary>How often each reading was acknowledged.</summary>
    internal ConcurrentDictionary<(string Device, long Sequence), int> Acknowledged { get; } = new();

    internal ConcurrentQueue<MqttMessage> Received { get; } = new();

    internal event Action<(string Device, long Sequence)>? Acknowledging;

    internal static async Task<Fleet> ConnectAsync(int port, string clientId, params string[] subscriptions)
    {
        var fleet = new Fleet(port, clientId, subscriptions);
        await fleet.ConnectedAsync();
        return fleet;
    }

    internal Task ConnectedAsync() => Eventually.HoldsAsync(() => _connection.IsConnected);

    internal bool IsAcknowledged(SignedReading reading) => AcknowledgementsOf(reading) > 0;

    internal int AcknowledgementsOf(SignedReading reading) =>
        Acknowledged.GetValueOrDefault((reading.Device.ToString(), reading.Sequence));

    internal Task SendAsync(SignedReading reading) =>
        SendAsync(Topics.Reading(reading.Device.ToString()), Some.Json(reading));

    internal Task SendAsync(string topic, byte[] payload) =>
        _connection.PublishAsync(topic, payload, MqttQos.AtLeastOnce, false, CancellationToken.None);

    internal Task SendAllAsync(IEnumerable<SignedReading> readings) => Task.WhenAll(readings.Select(SendAsync));

    /// <summary>As a device does it: again and again until it is acknowledged, whatever breaks meanwhile.</summary>
    internal async Task SendUntilAcknowledgedAsync(IReadOnlyList<SignedReading> readings)
    {
        var patience = TimeSpan.FromSeconds(2);
        var limit = DateTimeOffset.UtcNow.AddSeconds(90);
        while (readings.Where(reading => !IsAcknowledged(reading)).ToList() is { Count: > 0 } missing)
        {
            DateTimeOffset.UtcNow.ShouldBeLessThan(limit, "the gateway must take every reading in the end");
            try
            {
                await SendAllAsync(missing);
                await Eventually.HoldsAsync(() => missing.TrueForAll(IsAcknowledged), patience);
            }
            catch (MqttException)
            {
                await ConnectedAsync();
            }
            catch (TimeoutException)
            {
                // Not acknowledged yet: once more.
            }
        }
    }

    internal List<byte[]> PayloadsOn(string topic) =>
        [.. Received.Where(message => message.Topic == topic).Select(static message => message.Payload)];

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private void OnMessage(MqttMessage message)
    {
        if (!message.Topic.EndsWith("/reading/ack", StringComparison.Ordinal))
        {
            Received.Enqueue(message);
            return;
        }

        var form = ProtocolJson.Default.ReadingAcknowledgement;
        var sequence = JsonSerializer.Deserialize(message.Payload, form)!.Sequence;
        var acknowledged = (Topics.DeviceOf(message.Topic), sequence);
        Acknowledging?.Invoke(acknowledged);
        _ = Acknowledged.AddOrUpdate(acknowledged, 1, static (_, count) => count + 1);
    }
}
