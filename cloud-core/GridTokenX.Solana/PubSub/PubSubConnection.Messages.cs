using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.PubSub;

internal sealed partial class PubSubConnection
{
    private async Task SubscribeAsync(ClientWebSocket socket, SubscriptionCore subscription)
    {
        var id = Interlocked.Increment(ref _lastRequest);
        lock (_lock)
        {
            if (!ReferenceEquals(_socket, socket) || !_subscriptions.Contains(subscription))
            {
                return;
            }

            _unanswered.Add(id, (subscription, time.GetTimestamp()));
        }

        await SendAsync(
            socket, SolanaRpcClient.Request(id, subscription.Method + "Subscribe", subscription.Parameters));
    }

    private Task UnsubscribeAsync(ClientWebSocket socket, string method, ulong serverId) => SendAsync(
        socket,
        SolanaRpcClient.Request(
            Interlocked.Increment(ref _lastRequest), method + "Unsubscribe", to => to.WriteNumberValue(serverId)));

    private async Task SendAsync(ClientWebSocket socket, ReadOnlyMemory<byte> message)
    {
        try
        {
            await _sending.WaitAsync(_stop.Token);
            try
            {
                await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, _stop.Token);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException
            or InvalidOperationException)
        {
            // The receiving loop sees the same fault, connects again and subscribes everything that is left.
        }
    }

    private async Task<Exception> ReceiveAsync(ClientWebSocket socket)
    {
        var message = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var received = await socket.ReceiveAsync(message.GetMemory(4096), _stop.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return new WebSocketException(WebSocketError.ConnectionClosedPrematurely,
                    $"The node closed the connection ({socket.CloseStatusDescription}).");
            }

            message.Advance(received.Count);
            if (message.WrittenCount > options.MaxMessageBytes)
            {
                return new WebSocketException($"A message is longer than {options.MaxMessageBytes} bytes.");
            }

            if (received.EndOfMessage)
            {
                _hasReceived = true;
                await HandleAsync(socket, message.WrittenMemory);
                message.ResetWrittenCount();
            }
        }
    }

    private async Task HandleAsync(ClientWebSocket socket, ReadOnlyMemory<byte> message)
    {
        using var document = JsonDocument.Parse(message);
        var root = document.RootElement;
        if (root.TryGetProperty("method"u8, out _))
        {
            Deliver(root.GetProperty("params"u8));
        }
        else if (root.TryGetProperty("id"u8, out var id) && id.TryGetInt64(out var number)
            && Acknowledge(number, root) is { } abandoned)
        {
            await UnsubscribeAsync(socket, abandoned.Method, abandoned.ServerId);
        }
    }

    /// <summary>Takes the node's answer to a subscription.</summary>
    /// <returns>What to unsubscribe, because nobody wants it any more.</returns>
    private (string Method, ulong ServerId)? Acknowledge(long request, JsonElement answer)
    {
        lock (_lock)
        {
            if (!_unanswered.Remove(request, out var asked))
            {
                return null;
            }

            var subscription = asked.Subscription;
            if (answer.TryGetProperty("error"u8, out var error))
            {
                End(subscription, SolanaRpcClient.ReadError(subscription.Method + "Subscribe", error));
                return null;
            }

            var serverId = answer.GetProperty("result"u8).GetUInt64();
            if (!_subscriptions.Contains(subscription))
            {
                return (subscription.Method, serverId);
            }

            subscription.ServerId = serverId;
            _byServerId[serverId] = subscription;
            if (subscription.Ready.TrySetResult() || subscription.MarkGap())
            {
                return null;
            }

            Forget(subscription);
            return (subscription.Method, serverId);
        }
    }

    private void Deliver(JsonElement parameters)
    {
        lock (_lock)
        {
            // An unknown one was unsubscribed a moment ago.
            if (!_byServerId.TryGetValue(parameters.GetProperty("subscription"u8).GetUInt64(), out var subscription))
            {
                return;
            }

            try
            {
                if (!subscription.Deliver(parameters.GetProperty("result"u8)))
                {
                    Forget(subscription);
                }
            }
            catch (Exception e) when (SolanaRpcClient.IsMalformed(e))
            {
                End(subscription, new SolanaTransportException(
                    $"{subscription.Method}Notification: another form than expected: {e.Message}",
                    isTransient: false, innerException: e));
            }
        }
    }

    private void End(SubscriptionCore subscription, Exception fault)
    {
        subscription.End(fault);
        Forget(subscription);
    }

    private void Forget(SubscriptionCore subscription)
    {
        _subscriptions.Remove(subscription);
        if (subscription.ServerId is { } id)
        {
            _byServerId.Remove(id);
        }
    }
}
