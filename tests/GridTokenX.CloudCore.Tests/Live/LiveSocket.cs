using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;

namespace GridTokenX.CloudCore.Tests.Live;

/// <summary>A client of <c>/ws</c>, with the book that it has been told.</summary>
internal sealed class LiveSocket : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(5));

    internal SortedDictionary<string, string> Book { get; } = new(StringComparer.Ordinal);

    internal string? Stream { get; private set; }

    internal long Sequence { get; private set; }

    internal string? SubProtocol => _socket.SubProtocol;

    internal static async Task<LiveSocket> OpenAsync(CloudHost host, params string[] protocols)
    {
        var client = new LiveSocket();
        foreach (var protocol in protocols)
        {
            client._socket.Options.AddSubProtocol(protocol);
        }

        await client._socket.ConnectAsync(AddressOf(host), client._patience.Token);
        return client;
    }

    /// <summary>For whom the system keeps next to nothing until it is read.</summary>
    internal static async Task<LiveSocket> OpenNarrowAsync(CloudHost host, int bytes)
    {
        var client = new LiveSocket();
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = bytes };
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var invoker = new HttpMessageInvoker(handler);
        await client._socket.ConnectAsync(AddressOf(host), invoker, client._patience.Token);
        return client;
    }

    private static Uri AddressOf(CloudHost host) => new UriBuilder(host.Address) { Scheme = "ws", Path = "/ws" }.Uri;

    internal async Task SendAsync(LiveRequest request) => await SendTextAsync(
        JsonSerializer.Serialize(request, ProtocolJson.Default.LiveRequest));

    internal async Task SendTextAsync(string text) => await _socket.SendAsync(
        Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, _patience.Token);

    internal Task SubscribeAsync(string channel, string? zone = null, string? stream = null, long? sequence = null) =>
        SendAsync(new LiveRequest("subscribe", Channel: channel, Zone: zone, Stream: stream, Sequence: sequence));

    /// <summary>The next message; null when the server has closed.</summary>
    internal async Task<JsonObject?> ReceiveAsync()
    {
        using var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), _patience.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            await text.WriteAsync(buffer.AsMemory(0, part.Count), _patience.Token);
            if (part.EndOfMessage)
            {
                return JsonNode.Parse(text.ToArray())!.AsObject();
            }
        }
    }

    /// <summary>Sends so many, reads what comes, and says whether the server has had enough.</summary>
    internal async Task<bool> IsCutOffAsync(string text, int times)
    {
        try
        {
            for (var i = 0; i < times; i++)
            {
                await SendTextAsync(text);
            }

            while (await ReceiveAsync() is not null)
            {
                // Answers to those before.
            }

            return true;
        }
        catch (WebSocketException)
        {
            return true;
        }
    }

    internal async Task<JsonObject> ExpectAsync(string type)
    {
        var message = (await ReceiveAsync()).ShouldNotBeNull();
        message["type"]!.GetValue<string>().ShouldBe(type, message.ToJsonString());
        return message;
    }

    /// <summary>Takes the book's messages until it is as given; each follows the one before.</summary>
    internal async Task UntilAsync(SortedDictionary<string, string> book)
    {
        while (Stream is null || !Book.SequenceEqual(book))
        {
            Take((await ReceiveAsync()).ShouldNotBeNull());
        }
    }

    internal void Take(JsonObject message)
    {
        var (type, sequence) = (message["type"]!.GetValue<string>(), message["sequence"]!.GetValue<long>());
        if (type == "snapshot")
        {
            Book.Clear();
        }
        else
        {
            type.ShouldBe("delta");
            message["stream"]!.GetValue<string>().ShouldBe(Stream);
            sequence.ShouldBe(Sequence + 1);
        }

        (Stream, Sequence) = (message["stream"]!.GetValue<string>(), sequence);
        foreach (var level in message["items"]!.AsArray())
        {
            var key = string.Create(
                CultureInfo.InvariantCulture,
                $"{level!["side"]} {(long)(level["price_per_kwh"]!.GetValue<decimal>() * 1_000_000)}");
            var energy = (long)(level["amount_kwh"]!.GetValue<decimal>() * 1_000);
            if (energy == 0)
            {
                _ = Book.Remove(key);
            }
            else
            {
                Book[key] = string.Create(CultureInfo.InvariantCulture, $"{energy} in {level["orders"]}");
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _patience.Dispose();
        return ValueTask.CompletedTask;
    }
}
