using System.Collections.Concurrent;
using System.Diagnostics;
using GridTokenX.Mqtt;
using GridTokenX.Testing;
using Xunit.Abstractions;

namespace GridTokenX.Protocol.Tests.Mqtt;

public sealed class PublishAndSubscribeTests(ITestOutputHelper output) : IAsyncLifetime
{
    private MosquittoBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await MosquittoBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData(MqttQos.AtMostOnce)]
    [InlineData(MqttQos.AtLeastOnce)]
    public async Task Messages_arrive_in_the_order_in_which_they_were_published(MqttQos qos)
    {
        await using var receiver = await Client.ConnectAsync(_broker, "receiver", "a/+");
        await using var sender = await Client.ConnectAsync(_broker, "sender");
        var expected = Enumerable.Range(0, 50).Select(static i => $"{i}").ToList();

        foreach (var text in expected)
        {
            await sender.PublishAsync("a/b", text, qos);
        }

        await Eventually.HoldsAsync(() => receiver.Received.Count == 50);
        receiver.Texts.ShouldBe(expected);
        receiver.Received.ShouldAllBe(static message => message.Topic == "a/b" && !message.Retained);
    }

    [Fact]
    public async Task An_empty_and_a_large_payload_arrive_whole()
    {
        await using var client = await Client.ConnectAsync(_broker, "client", "a");
        var large = Enumerable.Range(0, 500_000).Select(static i => (byte)(i % 251)).ToArray();

        await client.PublishAsync("a", string.Empty);
        await client.Connection.PublishAsync("a", large, MqttQos.AtLeastOnce, false, CancellationToken.None);

        await Eventually.HoldsAsync(() => client.Received.Count == 2);
        client.Received.First().Payload.ShouldBeEmpty();
        client.Received.Last().Payload.ShouldBe(large);
    }

    [Fact]
    public async Task A_retained_message_is_marked_as_such_for_a_late_subscriber()
    {
        await using var sender = await Client.ConnectAsync(_broker, "sender");
        await sender.PublishAsync("time", "12", retain: true);

        await using var late = await Client.ConnectAsync(_broker, "late", "time");

        await Eventually.HoldsAsync(() => late.Received.Count == 1);
        late.Received.Single().Retained.ShouldBeTrue();
    }

    [Fact]
    public async Task A_subscription_made_while_connected_takes_effect()
    {
        await using var client = await Client.ConnectAsync(_broker, "client");
        await client.PublishAsync("time", "12", retain: true);

        client.Connection.Subscribe("time", MqttQos.AtLeastOnce);

        await Eventually.HoldsAsync(() => client.Received.Count == 1);
    }

    [Fact]
    public async Task A_handler_may_publish_and_a_failing_handler_is_reported_and_stops_nothing()
    {
        await using var client = await Client.ConnectAsync(_broker, "client", "in", "out");
        client.Connection.MessageReceived += message =>
        {
            if (message.Topic == "in")
            {
                _ = client.PublishAsync("out", "answer");
                throw new InvalidOperationException("handler's own fault");
            }
        };

        await client.PublishAsync("in", "1");
        await client.PublishAsync("in", "2");

        await Eventually.HoldsAsync(() => client.Received.Count(static message => message.Topic == "out") == 2);
        client.Reports.Count(static report => report.Contains("own fault", StringComparison.Ordinal)).ShouldBe(2);
        client.Connection.IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task A_topic_that_mqtt_does_not_allow_fails_for_its_caller_alone()
    {
        await using var client = await Client.ConnectAsync(_broker, "client", "a");

        _ = await Should.ThrowAsync<MqttException>(() => client.PublishAsync("a/+", "no"));

        await client.PublishAsync("a", "yes");
        await Eventually.HoldsAsync(() => client.Received.Count == 1);
    }

    [Fact]
    public async Task More_publishers_than_slots_all_get_through()
    {
        const int Count = 3000;
        await using var receiver = await Client.ConnectAsync(_broker, "receiver", "a");
        await using var sender = await Client.ConnectAsync(_broker, "sender");
        var watch = Stopwatch.StartNew();

        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => sender.PublishAsync("a", $"{i}")));
        var acknowledged = watch.Elapsed;

        await Eventually.HoldsAsync(() => receiver.Received.Count == Count);
        receiver.Texts.Distinct().Count().ShouldBe(Count);
        output.WriteLine($"{Count} QoS 1 messages acknowledged at {Count / acknowledged.TotalSeconds:F0}/s");
    }

    [Fact]
    public async Task Three_hundred_connections_live_in_one_process()
    {
        const int Count = 300;
        var watch = Stopwatch.StartNew();
        var clients = await Task.WhenAll(
            Enumerable.Range(0, Count).Select(i => Client.ConnectAsync(_broker, $"c{i}", $"to/{i}")));
        var connected = watch.Elapsed;

        await Task.WhenAll(clients.Select((client, i) => client.PublishAsync($"to/{(i + 1) % Count}", $"{i}")));

        await Eventually.HoldsAsync(() => clients.All(static client => client.Received.Count == 1));
        output.WriteLine(
            $"{Count} connected in {connected.TotalMilliseconds:F0} ms, all done in {watch.ElapsedMilliseconds} ms");
        await Task.WhenAll(clients.Select(static client => client.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Events_come_one_at_a_time()
    {
        var inside = 0;
        var overlaps = new ConcurrentBag<int>();
        await using var client = await Client.ConnectAsync(_broker, "client", "a");
        client.Connection.MessageReceived += message =>
        {
            overlaps.Add(Interlocked.Increment(ref inside));
            message.Topic.ShouldBe("a");
            _ = Interlocked.Decrement(ref inside);
        };

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => client.PublishAsync("a", $"{i}")));

        await Eventually.HoldsAsync(() => overlaps.Count == 200);
        overlaps.ShouldAllBe(static count => count == 1);
    }
}
