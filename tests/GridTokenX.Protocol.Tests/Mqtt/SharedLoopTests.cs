using System.Collections.Concurrent;
using GridTokenX.Mqtt;
using GridTokenX.Testing;

namespace GridTokenX.Protocol.Tests.Mqtt;

/// <summary>Connections whose native work one thread does.</summary>
public sealed class SharedLoopTests
{
    private const int Many = 40;

    private readonly MqttLoop _loop = new("shared");

    [Fact]
    public async Task Each_of_many_gets_its_own_and_one_thread_serves_them()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        var threads = new ConcurrentDictionary<int, bool>();
        await using var clients = new Clients(broker, _loop, Many);
        foreach (var client in clients.All)
        {
            client.Connection.MessageReceived += _ => threads[Environment.CurrentManagedThreadId] = true;
        }

        await clients.ConnectedAsync();
        await Task.WhenAll(clients.All.Select(static (client, number) =>
            client.PublishAsync($"shared/{(number + 1) % Many}", $"from {number}")));

        await Eventually.HoldsAsync(() => clients.All.All(static client => !client.Received.IsEmpty));
        for (var number = 0; number < Many; number++)
        {
            clients.All[(number + 1) % Many].Texts.ShouldBe([$"from {number}"]);
        }

        threads.Count.ShouldBe(1);
    }

    [Fact]
    public async Task One_that_finds_no_broker_and_one_that_leaves_hold_up_nobody()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var lost = new Client(Client.Options(MosquittoBroker.FreePort(), "lost"), _loop);
        lost.Connection.Start();
        await using var clients = new Clients(broker, _loop, 2);
        await clients.ConnectedAsync();
        await Eventually.HoldsAsync(() => lost.Reports.Count >= 2);

        await clients.All[1].DisposeAsync();
        await clients.All[0].PublishAsync("shared/0", "still here");

        await Eventually.HoldsAsync(() => clients.All[0].Texts.Contains("still here"));
        await lost.DisposeAsync();
        lost.Connection.IsConnected.ShouldBeFalse();
    }

    [Fact]
    public async Task A_failing_handler_harms_neither_its_connection_nor_the_others()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var clients = new Clients(broker, _loop, 2);
        clients.All[0].Connection.MessageReceived += static _ => throw new InvalidOperationException("handler");
        await clients.ConnectedAsync();

        await clients.All[1].PublishAsync("shared/0", "one");
        await clients.All[0].PublishAsync("shared/1", "two");
        await clients.All[1].PublishAsync("shared/0", "three");

        await Eventually.HoldsAsync(() => clients.All[0].Received.Count == 2 && clients.All[1].Received.Count == 1);
        clients.All[0].Reports.Count(static report => report.Contains("handler", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task It_serves_again_after_all_have_left_and_after_the_broker_came_back()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using (var first = new Clients(broker, _loop, 3))
        {
            await first.ConnectedAsync();
        }

        await using var second = new Clients(broker, _loop, 3);
        await second.ConnectedAsync();
        broker.Kill9();
        await Eventually.HoldsAsync(() => second.All.All(static client => !client.Connection.IsConnected));
        await broker.RestartAsync();
        await second.ConnectedAsync();

        await second.All[0].PublishAsync("shared/2", "again");
        await Eventually.HoldsAsync(() => second.All[2].Texts.Contains("again"));
    }

    private sealed class Clients : IAsyncDisposable
    {
        internal Clients(MosquittoBroker broker, MqttLoop loop, int count)
        {
            All = [.. Enumerable.Range(0, count)
                .Select(number => new Client(Client.Options(broker.Port, $"member-{number}"), loop))];
            for (var number = 0; number < count; number++)
            {
                All[number].Connection.Subscribe($"shared/{number}", MqttQos.AtLeastOnce);
            }
        }

        internal IReadOnlyList<Client> All { get; }

        public async ValueTask DisposeAsync()
        {
            foreach (var client in All)
            {
                await client.DisposeAsync();
            }
        }

        internal async Task ConnectedAsync()
        {
            foreach (var client in All)
            {
                client.Connection.Start();
                await client.ConnectedAsync();
            }
        }
    }
}
