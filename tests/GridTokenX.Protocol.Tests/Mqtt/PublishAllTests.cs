using System.Text;
using GridTokenX.Mqtt;
using GridTokenX.Testing;

namespace GridTokenX.Protocol.Tests.Mqtt;

public sealed class PublishAllTests : IAsyncLifetime
{
    private const int Many = 5 * MosquittoConnection.MaxUnacknowledged;

    private MosquittoBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await MosquittoBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData(50)]
    public async Task Many_messages_at_once_arrive_in_their_order(int? inFlight)
    {
        await using var receiver = await Client.ConnectAsync(_broker, "receiver", "a/+");
        await using var sender = await Client.ConnectAsync(
            Client.Options(_broker.Port, "sender") with { MaxInFlight = inFlight });

        await sender.Connection.PublishAllAsync(Messages(Many), MqttQos.AtLeastOnce, CancellationToken.None);

        await Eventually.HoldsAsync(() => receiver.Received.Count == Many);
        receiver.Texts.ShouldBe(Enumerable.Range(0, Many).Select(static i => $"{i}"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(50)]
    public async Task Many_that_nobody_acknowledges_are_all_handed_over(int? inFlight)
    {
        await using var sender = await Client.ConnectAsync(
            Client.Options(_broker.Port, "sender") with { MaxInFlight = inFlight });

        await sender.Connection.PublishAllAsync(Messages(Many), MqttQos.AtMostOnce, CancellationToken.None)
            .WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task None_is_done_at_once()
    {
        await using var sender = await Client.ConnectAsync(_broker, "sender");

        await sender.Connection.PublishAllAsync([], MqttQos.AtLeastOnce, CancellationToken.None);
    }

    [Fact]
    public async Task Nothing_is_sent_while_there_is_no_connection()
    {
        await using var client = await Client.ConnectAsync(_broker, "client");
        _broker.Kill9();
        await client.DisconnectedAsync();

        _ = await Should.ThrowAsync<MqttException>(() =>
            client.Connection.PublishAllAsync(Messages(2), MqttQos.AtLeastOnce, CancellationToken.None));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(50)]
    public async Task All_of_them_fail_when_the_connection_drops_also_those_that_waited_for_their_turn(
        int? inFlight)
    {
        await using var mute = new MuteBroker();
        await using var client = await Client.ConnectAsync(
            Client.Options(mute.Port, "client") with { MaxInFlight = inFlight });
        var publishing = client.Connection.PublishAllAsync(
            Messages(Many), MqttQos.AtLeastOnce, CancellationToken.None);
        var single = client.PublishAsync("a/b", "behind them");

        mute.DropAll();

        _ = await Should.ThrowAsync<MqttException>(() => publishing.WaitAsync(TimeSpan.FromSeconds(30)));
        _ = await Should.ThrowAsync<MqttException>(() => single.WaitAsync(TimeSpan.FromSeconds(30)));
        await client.ConnectedAsync();
        mute.PublishesAfterDrop.ShouldBe(0);
    }

    private static (string Topic, ReadOnlyMemory<byte> Payload)[] Messages(int count) =>
        [.. Enumerable.Range(0, count).Select(static i =>
            ("a/b", (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"{i}")))];
}
