using GridTokenX.Mqtt;
using GridTokenX.Testing;

namespace GridTokenX.Protocol.Tests.Mqtt;

/// <summary>A broker on the same machine, at the path of its socket.</summary>
public sealed class LocalSocketTests : IAsyncLifetime
{
    private MosquittoBroker _broker = null!;

    public async Task InitializeAsync() =>
        _broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(HasSocket: true));

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task MessagesGoBothWaysBetweenSocketAndPort()
    {
        await using var near = await Client.ConnectAsync(Options("near"), "to/near");
        await using var far = await Client.ConnectAsync(_broker, "far", "to/far");

        await near.PublishAsync("to/far", "from the socket");
        await far.PublishAsync("to/near", "from the port");

        await Eventually.HoldsAsync(() => !near.Received.IsEmpty && !far.Received.IsEmpty);
        near.Texts.ShouldBe(["from the port"]);
        far.Texts.ShouldBe(["from the socket"]);
        near.Reports.ShouldBeEmpty();
    }

    [Fact]
    public async Task ManyMessagesAtOnceKeepTheirOrder()
    {
        const int Count = 2_000;
        await using var hearer = await Client.ConnectAsync(Options("hearer"), "many");
        await using var speaker = await Client.ConnectAsync(Options("speaker"));

        List<(string, ReadOnlyMemory<byte>)> messages =
            [.. Enumerable.Range(0, Count).Select(static n => ("many", BitConverter.GetBytes(n).AsMemory()))];
        await speaker.Connection.PublishAllAsync(messages, MqttQos.AtLeastOnce, CancellationToken.None);

        await Eventually.HoldsAsync(() => hearer.Received.Count == Count);
        hearer.Received.Select(static message => BitConverter.ToInt32(message.Payload))
            .ShouldBe(Enumerable.Range(0, Count));
    }

    [Fact]
    public async Task ComesBackWithTheBroker()
    {
        await using var client = await Client.ConnectAsync(Options("back"), "again");
        _broker.Kill9();
        await client.DisconnectedAsync();
        var report = $"no connection to {_broker.Socket}: ";
        await Eventually.HoldsAsync(() =>
            client.Reports.Any(line => line.Contains(report, StringComparison.Ordinal)));

        await _broker.RestartAsync();
        await client.ConnectedAsync();
        await client.PublishAsync("again", "here");

        await Eventually.HoldsAsync(() => client.Texts.Contains("here"));
    }

    /// <summary>More at once than may wait at the socket: those that are turned away come again.</summary>
    [Fact]
    public async Task ManyClientsComeAtOnce()
    {
        var loop = new MqttLoop("many at once");
        var clients = Enumerable.Range(0, 300).Select(n => new Client(Options($"at-once-{n}"), loop)).ToList();
        try
        {
            await _broker.SuspendAsync();
            clients.ForEach(static client => client.Connection.Start());
            await Eventually.HoldsAsync(() => clients.Exists(static client => !client.Reports.IsEmpty));
            await _broker.ResumeAsync();
            await Eventually.HoldsAsync(() => clients.TrueForAll(static client => client.Connection.IsConnected));
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    [Fact]
    public void TlsDoesNotGoWithASocket() =>
        Should.Throw<ArgumentException>(() => new Client(Options("tls") with { TlsAuthorityFile = "/ca.pem" }))
            .Message.ShouldContain("over a local socket no port, and no TLS");

    [Fact]
    public async Task APathThatIsTooLongIsUnreachable()
    {
        await using var client = new Client(Options("long") with { Host = $"/{new string('x', 200)}" });
        client.Connection.Start();
        await Eventually.HoldsAsync(() => client.Connection.Trouble is { Fault: MqttFault.Unreachable });
    }

    private MqttOptions Options(string clientId) => Client.Options(0, clientId) with { Host = _broker.Socket };
}
