using System.Globalization;
using System.Net;
using GridTokenX.CloudCore.Live;
using GridTokenX.Protocol.Api;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Live;

/// <summary>Whoever does not read costs a bounded queue, and is where the others are as soon as he reads.</summary>
public sealed class SlowClientTests
{
    private const int Levels = 300;
    private const int Waiting = 8;
    private const int BufferBytes = 8 * 1024;

    [Fact]
    public async Task Who_does_not_read_is_told_to_begin_anew_and_then_has_the_book_of_the_server()
    {
        // Nothing but the bounded queue says that it is too slow, however long the test takes.
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string>
            {
                ["Live:MaxQueued"] = Waiting.ToString(CultureInfo.InvariantCulture),
                ["Live:PingInterval"] = "01:00:00",
                ["Live:Patience"] = "01:00:00",
            },
            Replace = static services => services.Configure<SocketTransportOptions>(static sockets =>
                sockets.CreateBoundListenSocket = static endpoint =>
                {
                    var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                    socket.SendBufferSize = BufferBytes;
                    return socket;
                }),
        });
        var market = await LiveMarket.StartAsync(host);
        for (var level = 1; level <= Levels; level++)
        {
            _ = await market.PlaceAsync("sell", 1_000_000, level * 1_000_000L);
        }

        await using var slow = await LiveSocket.OpenNarrowAsync(host, BufferBytes);
        await slow.SubscribeAsync("book", market.Zone);
        slow.Take(await slow.ExpectAsync("snapshot"));

        var changes = 0;
        while (await ResyncsAsync(host) == 0)
        {
            await market.FillAllAsync(1);
            changes++;
        }

        // It reads again: first what had left before, each following the one before it.
        var read = 0;
        var message = (await slow.ReceiveAsync()).ShouldNotBeNull();
        while (message["type"]!.GetValue<string>() != "resync")
        {
            slow.Take(message);
            read++;
            message = (await slow.ReceiveAsync()).ShouldNotBeNull();
        }

        read.ShouldBeLessThan(changes, "What waited was thrown away.");
        await slow.SubscribeAsync("book", market.Zone);
        slow.Take(await slow.ExpectAsync("snapshot"));
        await slow.UntilAsync(await market.BookAsync());

        await market.FillAllAsync(1);
        await slow.UntilAsync(await market.BookAsync());
        (await ResyncsAsync(host)).ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_for_which_there_is_no_room_ends_the_connection()
    {
        var client = new LiveClient(2);
        client.TrySend(new byte[1]).ShouldBeTrue();
        client.Notify(new LiveNotice("pong"));
        client.Notify(new LiveNotice("expired"));
        client.TrySend(new byte[1]).ShouldBeFalse();

        // What was there is still sent, and then it is over.
        var sent = 0;
        await foreach (var _ in client.Outgoing.ReadAllAsync())
        {
            sent++;
        }

        sent.ShouldBe(2);
    }

    private static async Task<long> ResyncsAsync(CloudHost host)
    {
        using var answer = await host.GetAsync(null, "/metrics");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        const string Metric = "gtx_live_resyncs_total ";
        var line = (await answer.Content.ReadAsStringAsync()).Split('\n')
            .SingleOrDefault(static each => each.StartsWith(Metric, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.AsSpan(Metric.Length), CultureInfo.InvariantCulture);
    }
}
