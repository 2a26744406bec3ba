using System.Net;
using System.Net.Sockets;
using GridTokenX.Mqtt;
using GridTokenX.Testing;

namespace GridTokenX.Protocol.Tests.Mqtt;

public sealed class ReconnectTests : IAsyncLifetime
{
    private MosquittoBroker _broker = null!;

    public async Task InitializeAsync() =>
        _broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(Persistent: true));

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task A_broker_that_comes_later_is_found()
    {
        _broker.Kill9();
        await using var client = new Client(Client.Options(_broker.Port, "client"));
        client.Connection.Start();
        await Eventually.HoldsAsync(() => client.Reports.Count >= 3);
        client.Connection.IsConnected.ShouldBeFalse();

        await _broker.RestartAsync();

        await Eventually.HoldsAsync(() => !client.Changes.IsEmpty);
        client.Changes.ShouldBe([true]);
    }

    [Fact]
    public async Task Subscriptions_are_made_again_when_the_broker_has_forgotten_them()
    {
        await using var client = await Client.ConnectAsync(_broker, "client", "a");
        _broker.Kill9();
        await client.DisconnectedAsync();
        _broker.DeleteDatabase();
        await _broker.RestartAsync();
        await client.ConnectedAsync();

        await client.PublishAsync("a", "after");

        await Eventually.HoldsAsync(() => client.Received.Count == 1);
        client.Changes.ShouldBe([true, false, true]);
    }

    [Fact]
    public async Task A_kept_session_delivers_what_came_while_the_client_was_away()
    {
        var options = Client.Options(_broker.Port, "away") with { CleanSession = false };
        await (await Client.ConnectAsync(options, "a")).DisposeAsync();
        await using var sender = await Client.ConnectAsync(_broker, "sender");
        await sender.PublishAsync("a", "missed");
        await _broker.StopAsync();
        await _broker.RestartAsync();

        await using var back = await Client.ConnectAsync(options, "a");

        await Eventually.HoldsAsync(() => back.Texts.Contains("missed"));
    }

    [Fact]
    public async Task Publishing_fails_at_once_while_not_connected()
    {
        await using var client = await Client.ConnectAsync(_broker, "client");
        _broker.Kill9();
        await client.DisconnectedAsync();

        _ = await Should.ThrowAsync<MqttException>(() => client.PublishAsync("a", "no"));
    }

    [Fact]
    public async Task Unacknowledged_messages_fail_when_the_connection_drops_and_are_not_sent_again_later()
    {
        await using var mute = new MuteBroker();
        await using var client = await Client.ConnectAsync(Client.Options(mute.Port, "client"));
        var waiting = Enumerable.Range(0, MosquittoConnection.MaxUnacknowledged)
            .Select(i => client.PublishAsync("a", $"{i}"))
            .ToList();

        mute.DropAll();

        foreach (var publish in waiting)
        {
            _ = await Should.ThrowAsync<MqttException>(() => publish.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        await client.ConnectedAsync();
        mute.PublishesAfterDrop.ShouldBe(0);
    }

    [Fact]
    public async Task A_caller_may_give_up_waiting()
    {
        await using var mute = new MuteBroker();
        await using var client = await Client.ConnectAsync(Client.Options(mute.Port, "client"));
        using var giveUp = new CancellationTokenSource();
        var publish = client.Connection.PublishAsync("a", new byte[1], MqttQos.AtLeastOnce, false, giveUp.Token);

        await giveUp.CancelAsync();

        _ = await Should.ThrowAsync<OperationCanceledException>(() => publish);
    }

    [Fact]
    public async Task The_will_is_published_for_a_client_that_vanishes_and_not_for_one_that_leaves()
    {
        var will = new MqttWill("will", "gone"u8.ToArray(), MqttQos.AtLeastOnce, Retain: false);
        await using var watcher = await Client.ConnectAsync(_broker, "watcher", "will");
        await (await Client.ConnectAsync(Client.Options(_broker.Port, "leaver") with { Will = will })).DisposeAsync();
        await using var first = await Client.ConnectAsync(Client.Options(_broker.Port, "twin") with { Will = will });

        // A second client with the same id: the broker drops the first without a good-bye.
        await using var second = await Client.ConnectAsync(Client.Options(_broker.Port, "twin"));

        await Eventually.HoldsAsync(() => watcher.Texts.Contains("gone"));
        watcher.Received.Count(static message => message.Topic == "will").ShouldBeGreaterThanOrEqualTo(1);
    }

    [Fact]
    public async Task It_can_be_disposed_before_the_start_while_connecting_and_twice()
    {
        await new Client(Client.Options(_broker.Port, "never-started")).DisposeAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        var connecting = new Client(Client.Options(port, "connecting"));
        connecting.Connection.Start();
        using var accepted = await silent.AcceptSocketAsync();

        await connecting.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        await connecting.DisposeAsync();

        _ = await Should.ThrowAsync<ObjectDisposedException>(() => connecting.PublishAsync("a", "no"));
    }

    [Fact]
    public void Waits_grow_with_full_jitter_up_to_the_cap()
    {
        var delays = new ReconnectDelays(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));

        foreach (var attempt in Enumerable.Range(0, 60))
        {
            var drawn = Enumerable.Range(0, 50).Select(_ => delays.Next(attempt)).ToList();
            var ceiling = TimeSpan.FromMilliseconds(Math.Min(100 * Math.Pow(2, attempt), 10_000));
            drawn.ShouldAllBe(delay => delay >= TimeSpan.Zero && delay <= ceiling);
            drawn.Distinct().Count().ShouldBeGreaterThan(10);
        }
    }
}
