using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Text.Json;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.PubSub;

/// <summary>Keeps one WebSocket open while there are subscriptions, and gives each notification to its subscription.
/// One loop connects, subscribes and receives; requests are sent one at a time.</summary>
internal sealed partial class PubSubConnection(PubSubOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<SubscriptionCore> _subscriptions = [];

    // Of the present socket only.
    private readonly Dictionary<long, (SubscriptionCore Subscription, long AskedAt)> _unanswered = [];
    private readonly Dictionary<ulong, SubscriptionCore> _byServerId = [];
    private ClientWebSocket? _socket;

    private Task _loop = Task.CompletedTask;
    private bool _isLooping;
    private bool _isDisposed;
    private bool _hasReceived;
    private long _lastRequest;

    public async Task AddAsync(SubscriptionCore subscription)
    {
        ClientWebSocket? socket;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _subscriptions.Add(subscription);
            socket = _socket;
            if (!_isLooping)
            {
                _isLooping = true;
                _loop = Task.Run(LoopAsync, CancellationToken.None);
            }
        }

        if (socket is not null)
        {
            await SubscribeAsync(socket, subscription);
        }
    }

    public async ValueTask RemoveAsync(SubscriptionCore subscription)
    {
        ClientWebSocket? socket;
        lock (_lock)
        {
            subscription.End(fault: null);
            if (!_subscriptions.Remove(subscription) || subscription.ServerId is not { } id)
            {
                return;
            }

            _byServerId.Remove(id);
            socket = _socket;
        }

        if (socket is not null)
        {
            await UnsubscribeAsync(socket, subscription.Method, subscription.ServerId.Value);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task loop;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            loop = _loop;
        }

        await _stop.CancelAsync();
        await loop;
        EndAll(fault: null);
        _stop.Dispose();
        _sending.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever it is, the readers hear of it and do not wait.")]
    private async Task LoopAsync()
    {
        try
        {
            await KeepConnectedAsync();
        }
        catch (Exception e)
        {
            EndAll(e);
            throw;
        }
    }

    private async Task KeepConnectedAsync()
    {
        var failures = 0;
        while (IsNeeded())
        {
            var fault = await ServeAsync();
            failures = _hasReceived ? 1 : failures + 1;
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            if (failures > options.MaxFailures)
            {
                EndAll(new SolanaTransportException(
                    $"PubSub: no connection after {failures} attempts: {fault.Message}", isTransient: true,
                    innerException: fault));
                continue;
            }

            try
            {
                await Task.Delay(Backoff.Delay(failures, options.BaseDelay, options.MaxDelay), time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private bool IsNeeded()
    {
        lock (_lock)
        {
            _isLooping = _subscriptions.Count > 0 && !_stop.IsCancellationRequested;
            return _isLooping;
        }
    }

    /// <summary>Connects, subscribes and receives until the connection fails, and tells how it failed.</summary>
    private async Task<Exception> ServeAsync()
    {
        _hasReceived = false;
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = options.KeepAlive;
        socket.Options.KeepAliveTimeout = options.KeepAlive;
        // Gives up a node that takes connections but does not answer.
        await using var watchdog = time.CreateTimer(_ => AbortIfUnanswered(socket), null,
            options.RequestTimeout, options.RequestTimeout);
        try
        {
            using var timeout = new CancellationTokenSource(options.RequestTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
            await socket.ConnectAsync(options.Endpoint, either.Token);
            foreach (var subscription in Attach(socket))
            {
                await SubscribeAsync(socket, subscription);
            }

            return await ReceiveAsync(socket);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException
            or InvalidOperationException or JsonException)
        {
            return e;
        }
        finally
        {
            Detach();
        }
    }

    private SubscriptionCore[] Attach(ClientWebSocket socket)
    {
        lock (_lock)
        {
            _socket = socket;
            return [.. _subscriptions];
        }
    }

    private void Detach()
    {
        lock (_lock)
        {
            _socket = null;
            _unanswered.Clear();
            _byServerId.Clear();
            foreach (var subscription in _subscriptions)
            {
                subscription.ServerId = null;
            }
        }
    }

    private void AbortIfUnanswered(ClientWebSocket socket)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_socket, socket)
                && _unanswered.Values.Any(asked => time.GetElapsedTime(asked.AskedAt) >= options.RequestTimeout))
            {
                socket.Abort();
            }
        }
    }

    private void EndAll(Exception? fault)
    {
        lock (_lock)
        {
            foreach (var subscription in _subscriptions)
            {
                subscription.End(fault);
            }

            _subscriptions.Clear();
        }
    }
}
