using System.Text.Json;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;

namespace GridTokenX.Benchmarks.Gateway;

/// <summary>
/// All devices of a home on one connection. It goes on publishing while so many readings are not acknowledged, as
/// devices that wait for their acknowledgements do together.
/// </summary>
internal sealed class Fleet : IAsyncDisposable
{
    private const int Chunk = 250;
    private const int ChunksUnderWay = 16;

    private readonly MosquittoConnection _connection;
    private readonly SemaphoreSlim _window = new(ChunksUnderWay);
    private TaskCompletionSource? _allAcknowledged;
    private int _awaited;
    private int _acknowledged;

    private Fleet(MosquittoBroker broker)
    {
        _connection = Connection(broker, "fleet");
        _connection.MessageReceived += _ => Acknowledged();
        _connection.Subscribe("gtx/v1/+/reading/ack", MqttQos.AtLeastOnce);
        _connection.Subscribe("gtx/v0/+/reading/ack", MqttQos.AtLeastOnce);
    }

    internal static async Task<Fleet> ConnectAsync(MosquittoBroker broker)
    {
        var fleet = new Fleet(broker);
        fleet._connection.Start();
        await Eventually.HoldsAsync(() => fleet._connection.IsConnected);
        return fleet;
    }

    /// <param name="broker">Of the home.</param>
    /// <param name="client">Its identity.</param>
    /// <param name="maxInFlight">As <see cref="MqttOptions.MaxInFlight"/>.</param>
    internal static MosquittoConnection Connection(MosquittoBroker broker, string client, int? maxInFlight = null) =>
        new(
            new MqttOptions
            {
                Host = "127.0.0.1",
                Port = broker.Port,
                ClientId = client,
                CleanSession = true,
                MaxInFlight = maxInFlight,
            },
            static (_, _) => { });

    internal static (string Topic, ReadOnlyMemory<byte> Payload) Message(SigningKey device, long sequence) =>
        (Topics.Reading(device.PublicKey.ToString()), JsonSerializer.SerializeToUtf8Bytes(
            GatewayRig.Reading(device, sequence), ProtocolJson.Default.SignedReading));

    /// <summary>One of the readings is where it should be.</summary>
    internal void Acknowledged()
    {
        var acknowledged = Interlocked.Increment(ref _acknowledged);
        if (acknowledged % Chunk == 0)
        {
            _ = _window.Release();
        }

        if (acknowledged == Volatile.Read(ref _awaited))
        {
            _ = _allAcknowledged?.TrySetResult();
        }
    }

    /// <summary>Of so many readings that are sent from now on; nothing else is on its way.</summary>
    internal Task AwaitAcknowledgementsAsync(int count)
    {
        _acknowledged = 0;
        _allAcknowledged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _awaited, count);
        return _allAcknowledged.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }

    /// <summary>Until the broker has acknowledged all of them; nobody answers.</summary>
    internal Task PublishAsync(IReadOnlyCollection<(string Topic, ReadOnlyMemory<byte> Payload)> messages) =>
        _connection.PublishAllAsync(messages, MqttQos.AtLeastOnce, CancellationToken.None);

    /// <summary>
    /// Until each of them is <see cref="Acknowledged"/>: answered on its device's topic, unless somebody else says so.
    /// </summary>
    internal async Task SendAsync(IReadOnlyCollection<(string Topic, ReadOnlyMemory<byte> Payload)> messages)
    {
        var chunks = messages.Chunk(Chunk).ToList();
        var acknowledged = AwaitAcknowledgementsAsync(messages.Count);
        while (_window.CurrentCount < ChunksUnderWay)
        {
            _ = _window.Release();
        }

        var published = new List<Task>(chunks.Count);
        foreach (var chunk in chunks)
        {
            if (!await _window.WaitAsync(TimeSpan.FromMinutes(2)))
            {
                throw new TimeoutException("Readings are not acknowledged.");
            }

            published.Add(PublishAsync(chunk));
        }

        await Task.WhenAll([.. published, acknowledged]);
    }

    /// <summary>Repeats a reading of some devices, as devices do it, until the gateway listens and answers.</summary>
    internal async Task WarmAsync(GatewayRig rig, long sequence)
    {
        const int Some = 20;
        var messages = rig.Devices.Take(Some).Select(device => Message(device, sequence)).ToList();
        _acknowledged = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                await PublishAsync(messages);
                return Volatile.Read(ref _acknowledged) >= Some && rig.Taken >= Some;
            },
            TimeSpan.FromMinutes(1));

        // Until the last of the repeated ones is answered as well.
        var before = -1;
        await Eventually.HoldsAsync(() =>
        {
            var isQuiet = before == Volatile.Read(ref _acknowledged);
            before = Volatile.Read(ref _acknowledged);
            return isQuiet;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _window.Dispose();
    }
}
