using System.Collections.Concurrent;
using System.Text;
using GridTokenX.Mqtt;
using GridTokenX.Testing;

namespace GridTokenX.Protocol.Tests.Mqtt;

/// <summary>A connection under test with what it received and reported.</summary>
internal sealed class Client : IAsyncDisposable
{
    private static readonly ReconnectDelays Quick = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200));

    public Client(MqttOptions options, MqttLoop? loop = null)
    {
        Connection = new MosquittoConnection(
            options, (what, exception) => Reports.Enqueue($"{what} {exception}"), Quick, loop);
        Connection.MessageReceived += message => Received.Enqueue(message);
        Connection.ConnectionChanged += connected => Changes.Enqueue(connected);
    }

    public MosquittoConnection Connection { get; }

    public ConcurrentQueue<MqttMessage> Received { get; } = new();

    public ConcurrentQueue<string> Reports { get; } = new();

    public ConcurrentQueue<bool> Changes { get; } = new();

    public IEnumerable<string> Texts => Received.Select(static message => Encoding.UTF8.GetString(message.Payload));

    public static MqttOptions Options(int port, string clientId) =>
        new() { Host = "127.0.0.1", Port = port, ClientId = clientId, CleanSession = true };

    public static async Task<Client> ConnectAsync(MqttOptions options, params string[] subscriptions)
    {
        var client = new Client(options);
        foreach (var filter in subscriptions)
        {
            client.Connection.Subscribe(filter, MqttQos.AtLeastOnce);
        }

        client.Connection.Start();
        await client.ConnectedAsync();
        return client;
    }

    public static Task<Client> ConnectAsync(MosquittoBroker broker, string clientId, params string[] subscriptions) =>
        ConnectAsync(Options(broker.Port, clientId), subscriptions);

    public Task ConnectedAsync() => Eventually.HoldsAsync(() => Connection.IsConnected);

    public Task DisconnectedAsync() => Eventually.HoldsAsync(() => !Connection.IsConnected);

    public Task PublishAsync(string topic, string text, MqttQos qos = MqttQos.AtLeastOnce, bool retain = false) =>
        Connection.PublishAsync(topic, Encoding.UTF8.GetBytes(text), qos, retain, CancellationToken.None);

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
