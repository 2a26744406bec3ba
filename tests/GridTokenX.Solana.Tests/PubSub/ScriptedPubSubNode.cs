using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace GridTokenX.Solana.Tests.PubSub;

/// <summary>A WebSocket server on loopback that the test plays by hand: accept, read requests, send, cut.</summary>
internal sealed class ScriptedPubSubNode : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Channel<WebSocket> _accepted = Channel.CreateUnbounded<WebSocket>();
    private readonly Task _loop;

    public ScriptedPubSubNode(int? port = null)
    {
        Port = port ?? FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port { get; }

    public Uri Url => new($"ws://127.0.0.1:{Port}/");

    public async Task<WebSocket> NextConnectionAsync() =>
        await _accepted.Reader.ReadAsync(new CancellationTokenSource(20_000).Token);

    public static async Task<JsonElement> ReadAsync(WebSocket socket)
    {
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer, new CancellationTokenSource(20_000).Token);
        return JsonDocument.Parse(buffer.AsMemory(0, received.Count)).RootElement.Clone();
    }

    public static Task SendAsync(WebSocket socket, string json) => socket.SendAsync(
        Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>Reads a subscription and takes it under the given number.</summary>
    public static async Task<JsonElement> TakeSubscriptionAsync(WebSocket socket, ulong number)
    {
        var request = await ReadAsync(socket);
        await SendAsync(socket, $$"""{"jsonrpc":"2.0","id":{{request.GetProperty("id")}},"result":{{number}}}""");
        return request;
    }

    public static Task NotifySlotAsync(WebSocket socket, ulong subscription, ulong slot) => SendAsync(socket, $$$"""
        {"jsonrpc":"2.0","method":"slotNotification",
         "params":{"result":{"slot":{{{slot}}},"parent":{{{slot - 1}}},"root":1},"subscription":{{{subscription}}}}}
        """);

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
        while (_accepted.Reader.TryRead(out var socket))
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var webSocket = await context.AcceptWebSocketAsync(null);
                _accepted.Writer.TryWrite(webSocket.WebSocket);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
