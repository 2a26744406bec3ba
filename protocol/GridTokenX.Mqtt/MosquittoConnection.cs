using System.Diagnostics;
using GridTokenX.Mqtt.Interop;

namespace GridTokenX.Mqtt;

/// <summary>
/// A connection over libmosquitto, with a thread of its own that does all of the native work: it waits for the socket
/// with poll, not with libmosquitto's loop, whose select cannot serve descriptors above 1023 (some 300 connections in a
/// process). At most <see cref="MaxUnacknowledged"/> messages are on their way; further callers wait for a slot. When
/// the connection is lost all of them fail, so nothing is queued while the broker is away.
/// </summary>
public sealed class MosquittoConnection : IMqttConnection, IMosquittoEvents
{
    /// <summary>Messages handed over and not yet acknowledged, in libmosquitto and before it.</summary>
    public const int MaxUnacknowledged = 1000;

    private const int StackBytes = 1024 * 1024;
    private const int GoodByeMs = 500;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(10);

    private readonly MqttOptions _options;
    private readonly Action<string, Exception?> _report;
    private readonly ReconnectDelays _delays;
    private readonly Lock _lock = new();
    private readonly List<(string Filter, MqttQos Qos)> _subscriptions = [];
    private readonly Queue<PendingPublish> _outgoing = [];
    private readonly SemaphoreSlim _slots = new(MaxUnacknowledged);
    private readonly WakeUp _wakeUp = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;
    private volatile bool _stopping;
    private volatile bool _connected;
    private volatile MqttException? _trouble;

    /// <param name="options">How to reach the broker.</param>
    /// <param name="report">Told of lost connections, failed attempts, refused subscriptions and exceptions of
    /// handlers; called on the connection's thread.</param>
    /// <param name="delays">Waits between attempts; <see cref="ReconnectDelays.Default"/> when null.</param>
    public MosquittoConnection(MqttOptions options, Action<string, Exception?> report, ReconnectDelays? delays = null)
    {
        if (options.Host.Length == 0
            || options.ClientId.Length == 0
            || options.Port is < 1 or > ushort.MaxValue
            || options.KeepAlive.TotalSeconds is < 5 or > ushort.MaxValue)
        {
            throw new ArgumentException(
                "A connection needs a host, a port from 1 to 65535, a client id and a keep-alive from 5 to 65535 s.",
                nameof(options));
        }

        _options = options;
        _report = report;
        _delays = delays ?? ReconnectDelays.Default;
    }

    public event Action<MqttMessage>? MessageReceived;

    public event Action<bool>? ConnectionChanged;

    public bool IsConnected => _connected;

    /// <summary>What the last attempt to connect failed of; null before the first one has, and while it is connected.
    /// Set when it is reported.</summary>
    public MqttException? Trouble => _trouble;

    public void Start()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (_started)
            {
                return;
            }

            _started = true;
        }

        new Thread(Run, StackBytes) { IsBackground = true, Name = $"mqtt {_options.ClientId}" }.Start();
    }

    public void Subscribe(string topicFilter, MqttQos qos)
    {
        ArgumentException.ThrowIfNullOrEmpty(topicFilter);
        lock (_lock)
        {
            if (_subscriptions.Contains((topicFilter, qos)))
            {
                return;
            }

            _subscriptions.Add((topicFilter, qos));
        }

        _wakeUp.Set();
    }

    public async Task PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ThrowWhenNotConnected();
        await _slots.WaitAsync(cancellationToken);
        var outcome = new PublishOutcome(1, () => _slots.Release());
        HandOver([new PendingPublish(topic, payload, qos, retain, outcome)]);
        await outcome.Completion.WaitAsync(cancellationToken);
    }

    public async Task PublishAllAsync(
        IReadOnlyCollection<(string Topic, ReadOnlyMemory<byte> Payload)> messages,
        MqttQos qos,
        CancellationToken cancellationToken)
    {
        ThrowWhenNotConnected();
        if (messages.Count == 0)
        {
            return;
        }

        // Without slots: the messages are there already, and what is on its way is bounded where it is sent.
        var outcome = new PublishOutcome(messages.Count);
        HandOver([.. messages.Select(message => new PendingPublish(
            message.Topic, message.Payload, qos, retain: false, outcome))]);
        await outcome.Completion.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _stopping = true;
            if (!_started)
            {
                _ = _ended.TrySetResult();
            }
        }

        _wakeUp.Set();
        await _ended.Task;

        // The slots are not disposed: callers may still be waiting for one, to be told that the connection is gone.
        _wakeUp.Dispose();
    }

    void IMosquittoEvents.Received(MqttMessage message) => MessageReceived?.Invoke(message);

    void IMosquittoEvents.Report(string what, Exception? exception) => Report(what, exception);

#pragma warning disable CA1031 // The thread outlives every fault of an attempt or a handler; all is reported.
    private void Run()
    {
        var attempt = 0;
        while (!_stopping)
        {
            var began = Environment.TickCount64;
            try
            {
                using var session = new MosquittoSession(_options, MaxUnacknowledged, this);
                Serve(session);
            }
            catch (Exception exception)
            {
                var cause = exception is MqttException ? null : exception;
                _trouble = exception as MqttException ?? new MqttException(exception.Message, exception);
                var broker = $"{_options.Host}:{_options.Port}";
                Report($"{_options.ClientId}: no connection to {broker}: {exception.Message}", cause);
            }

            BecomeDisconnected();
            attempt = Environment.TickCount64 - began > StableAfter.TotalMilliseconds ? 0 : attempt + 1;
            PauseBefore(attempt);
        }

        _ = _ended.TrySetResult();
    }

    private void RaiseConnectionChanged(bool connected)
    {
        try
        {
            ConnectionChanged?.Invoke(connected);
        }
        catch (Exception exception)
        {
            Report("A handler failed.", exception);
        }
    }

    private void Report(string what, Exception? exception)
    {
        try
        {
            _report(what, exception);
        }
        catch (Exception failure)
        {
            Debug.Fail($"Reports must not throw: {failure}");
        }
    }
#pragma warning restore CA1031

    /// <summary>From the first packet to the last; ends by an exception, or when stopping.</summary>
    private void Serve(MosquittoSession session)
    {
        var deadline = Environment.TickCount64 + (long)AnswerTimeout.TotalMilliseconds;
        var idleMs = (int)Math.Clamp(_options.KeepAlive.TotalMilliseconds / 4, 1000, 30_000);
        var subscribed = 0;
        session.BeginConnect(_options);
        while (!_stopping)
        {
            session.Turn(_wakeUp, _connected ? idleMs : 500);
            if (session.IsAccepted)
            {
                subscribed = SubscribeFrom(subscribed, session);
                PublishOutgoing(session);
                session.Write();
            }

            if (!_connected && session.SubscriptionsAreInPlace)
            {
                lock (_lock)
                {
                    _connected = true;
                }

                _trouble = null;
                RaiseConnectionChanged(connected: true);
            }
            else if (!_connected && Environment.TickCount64 > deadline)
            {
                throw new MqttException("The broker did not answer in time.", MqttFault.Unreachable);
            }
        }

        session.Disconnect(_wakeUp, GoodByeMs);
    }

    private void HandOver(ReadOnlySpan<PendingPublish> messages)
    {
        lock (_lock)
        {
            foreach (var message in messages)
            {
                if (_connected)
                {
                    _outgoing.Enqueue(message);
                }
                else
                {
                    message.Fail("Not connected to the broker.");
                }
            }
        }

        _wakeUp.Set();
    }

    private int SubscribeFrom(int index, MosquittoSession session)
    {
        List<(string Filter, MqttQos Qos)> added;
        lock (_lock)
        {
            added = _subscriptions[index..];
        }

        foreach (var (filter, qos) in added)
        {
            session.Subscribe(filter, qos);
        }

        return index + added.Count;
    }

    private void PublishOutgoing(MosquittoSession session)
    {
        while (session.Unacknowledged < MaxUnacknowledged)
        {
            PendingPublish? message;
            lock (_lock)
            {
                if (!_outgoing.TryDequeue(out message))
                {
                    return;
                }
            }

            session.Publish(message);
        }
    }

    private void BecomeDisconnected()
    {
        bool was;
        PendingPublish[] unsent;
        lock (_lock)
        {
            was = _connected;
            _connected = false;
            unsent = [.. _outgoing];
            _outgoing.Clear();
        }

        foreach (var message in unsent)
        {
            message.Fail("The connection was lost before the message was sent.");
        }

        if (was)
        {
            RaiseConnectionChanged(connected: false);
        }
    }

    private void PauseBefore(int attempt)
    {
        var end = Environment.TickCount64 + (long)_delays.Next(attempt).TotalMilliseconds;
        while (!_stopping && end - Environment.TickCount64 is > 0 and var left)
        {
            _wakeUp.Wait((int)left);
        }
    }

    private void ThrowWhenNotConnected()
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (!_connected)
        {
            throw new MqttException("Not connected to the broker.");
        }
    }
}
