using System.Net.WebSockets;
using System.Text.Json;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Live;

/// <summary>
/// <c>GET /ws</c>. Nothing of a browser's own accord (no cookie) says who somebody is here, so another site's page
/// gains nothing by connecting.
/// </summary>
internal sealed class WebSocketEndpoint(
    LiveConnections connections,
    LiveLimits limits,
    LiveOptions options,
    WallTime wall,
    IHostApplicationLifetime lifetime)
{
    internal const string Protocol = "gtx.live.v1";
    internal const string TokenProtocol = "gtx.token.";
    private const int MaxRequestBytes = 4096;
    private const int MaxRequestsPerSecond = 50;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    internal async Task<IResult> AcceptAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "This address is for WebSockets.");
        }

        using var place = limits.TryEnter(ClientAddress.Of(context));
        if (place is null)
        {
            return Problems.Of(ProblemCodes.TooManyConnections);
        }

        var offered = context.WebSockets.WebSocketRequestedProtocols;
        var token = offered.FirstOrDefault(static name => name.StartsWith(TokenProtocol, StringComparison.Ordinal));
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = offered.Contains(Protocol) ? Protocol : null,
            KeepAliveInterval = options.PingInterval,
            KeepAliveTimeout = options.Patience,
        });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping);
        var client = connections.NewClient();
        try
        {
            await RunAsync(socket, client, token?[TokenProtocol.Length..], ending);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The other side is gone, or we are going.
        }
        finally
        {
            await connections.LeaveAsync(client);
            await CloseAsync(socket);
        }

        return Results.Empty;
    }

    private async Task RunAsync(
        WebSocket socket, LiveClient client, string? token, CancellationTokenSource ending)
    {
        var session = connections.NewSession(client);
        if (token is not null)
        {
            await session.AuthenticateAsync(token, ending.Token);
        }

        Task[] loops =
        [
            SendAsync(socket, client, ending.Token),
            ReceiveAsync(socket, client, session, ending.Token),
            session.WatchAsync(ending.Token),
        ];
        await (await Task.WhenAny(loops)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ending.CancelAsync();
        client.Complete();
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// A message that the connection's buffer takes at once costs neither timer nor registration: thousands get each.
    /// The queue's end is the end.
    /// </summary>
    private async Task SendAsync(WebSocket socket, LiveClient client, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var message = await client.Outgoing.ReadAsync(CancellationToken.None);
            const WebSocketMessageFlags Whole = WebSocketMessageFlags.EndOfMessage;
            var sending = socket.SendAsync(
                message, WebSocketMessageType.Text, Whole, CancellationToken.None).AsTask();
            if (!sending.IsCompletedSuccessfully)
            {
                // Whoever takes nothing for so long is as good as gone.
                await sending.WaitAsync(options.Patience, wall.Clock, cancellationToken);
            }
        }
    }

    private async Task ReceiveAsync(
        WebSocket socket, LiveClient client, LiveSession session, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxRequestBytes];
        var (second, requests) = (DateTimeOffset.MinValue, 0);
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                length += part.Count;
            }
            while (!part.EndOfMessage && length < buffer.Length);

            if (part.MessageType != WebSocketMessageType.Text || !part.EndOfMessage)
            {
                return;
            }

            if (wall.UtcNow - second >= TimeSpan.FromSeconds(1))
            {
                (second, requests) = (wall.UtcNow, 0);
            }

            if (++requests > MaxRequestsPerSecond)
            {
                return;
            }

            await AnswerAsync(buffer.AsMemory(0, length), client, session, cancellationToken);
        }
    }

    private static async Task AnswerAsync(
        ReadOnlyMemory<byte> text, LiveClient client, LiveSession session, CancellationToken cancellationToken)
    {
        LiveRequest? request = null;
        try
        {
            request = JsonSerializer.Deserialize(text.Span, ProtocolJson.Default.LiveRequest);
        }
        catch (JsonException)
        {
            // Answered below, like any other that says nothing.
        }

        switch (request?.Type)
        {
            case "auth":
                await session.AuthenticateAsync(request.Token, cancellationToken);
                break;
            case "subscribe":
                await session.SubscribeAsync(request, cancellationToken);
                break;
            case "unsubscribe":
                await session.UnsubscribeAsync(request, cancellationToken);
                break;
            case "ping":
                client.Notify(new LiveNotice("pong"));
                break;
            default:
                client.Notify(new LiveNotice(
                    "error", Code: ProblemCodes.MalformedRequest, Detail: "auth, subscribe, unsubscribe or ping."));
                break;
        }
    }

    private async Task CloseAsync(WebSocket socket)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return;
        }

        using var patience = new CancellationTokenSource(CloseTimeout, wall.Clock);
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // It was only polite.
        }
    }
}
