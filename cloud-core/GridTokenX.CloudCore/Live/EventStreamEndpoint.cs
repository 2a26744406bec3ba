// Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html

using System.Globalization;
using System.Text.Json;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Microsoft.Extensions.Primitives;

namespace GridTokenX.CloudCore.Live;

/// <summary>
/// <c>GET /api/live?topic=book:zone-1&amp;topic=orders</c>: the messages of <c>/ws</c> as events. The last id that a
/// client had, <c>stream:sequence</c>, lets it go on behind it when it watches that one topic alone.
/// </summary>
internal sealed class EventStreamEndpoint(
    LiveConnections connections, LiveLimits limits, WallTime wall, IHostApplicationLifetime lifetime)
{
    private const int MaxTopics = 32;
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(15);
    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    internal async Task<IResult> StreamAsync(HttpContext context, StringValues topic)
    {
        if (topic.Count is < 1 or > MaxTopics)
        {
            return Problems.Of(ProblemCodes.MalformedRequest, $"1 to {MaxTopics} topics, channel or channel:zone.");
        }

        using var place = limits.TryEnter(ClientAddress.Of(context));
        if (place is null)
        {
            return Problems.Of(ProblemCodes.TooManyConnections);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping);
        var client = connections.NewClient();
        var session = connections.NewSession(client);
        var watching = session.WatchAsync(ending.Token);
        try
        {
            if (Callers.TokenOf(context.Request.Headers) is { } token)
            {
                await session.AuthenticateAsync(token, ending.Token);
            }

            var last = topic.Count == 1 ? context.Request.Headers["Last-Event-ID"].ToString().Split(':') : [];
            foreach (var name in topic)
            {
                await session.SubscribeAsync(RequestOf(name!, last), ending.Token);
            }

            await WriteAsync(context.Response, client, ending.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The other side is gone, or we are going.
        }
        finally
        {
            await ending.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await connections.LeaveAsync(client);
        }

        return Results.Empty;
    }

    private static LiveRequest RequestOf(string name, string[] last)
    {
        var parts = name.Split(':', 2);
        var sequence = 0L;
        var hasLast = last.Length == 2
            && long.TryParse(last[1], NumberStyles.None, CultureInfo.InvariantCulture, out sequence);
        return new LiveRequest(
            "subscribe",
            Channel: parts[0],
            Zone: parts.Length == 2 ? parts[1] : null,
            Stream: hasLast ? last[0] : null,
            Sequence: hasLast ? sequence : null);
    }

    private async Task WriteAsync(HttpResponse response, LiveClient client, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.Body.FlushAsync(cancellationToken);
        var next = client.Outgoing.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var pause = wall.DelayAsync(SignOfLife, silence.Token);
            if (await Task.WhenAny(next, pause) == pause)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await response.Body.WriteAsync(Comment, cancellationToken);
            }
            else
            {
                await silence.CancelAsync();
                if (!await next)
                {
                    return;
                }

                while (client.Outgoing.TryRead(out var message))
                {
                    await WriteAsync(response, message, cancellationToken);
                }

                next = client.Outgoing.WaitToReadAsync(cancellationToken).AsTask();
            }

            await response.Body.FlushAsync(cancellationToken);
        }
    }

    private static async Task WriteAsync(
        HttpResponse response, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var (type, id) = Heading(message.Span);
        var heading = id is null ? $"event: {type}\ndata: " : $"id: {id}\nevent: {type}\ndata: ";
        await response.WriteAsync(heading, cancellationToken);
        await response.Body.WriteAsync(message, cancellationToken);
        await response.WriteAsync("\n\n", cancellationToken);
    }

    /// <summary>The message's type, and the id to go on behind; both stand before its items.</summary>
    private static (string Type, string? Id) Heading(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        string? type = null;
        string? stream = null;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            var name = reader.GetString();
            _ = reader.Read();
            switch (name)
            {
                case "type":
                    type = reader.GetString();
                    break;
                case "stream":
                    stream = reader.GetString();
                    break;
                case "sequence":
                    return (type!, $"{stream}:{reader.GetInt64()}");
            }
        }

        return (type ?? "message", null);
    }
}
