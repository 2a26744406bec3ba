namespace GridTokenX.Mqtt;

/// <summary>
/// A connection over libmosquitto. All of the native work is done by the thread of its loop. At most
/// <see cref="MaxUnacknowledged"/> messages are on their way; further callers wait for a slot. When the connection is
/// lost all of them fail, so nothing is queued while the broker is away.
/// </summary>
public sealed partial class MosquittoConnection : IMqttConnection
{
    /// <summary>Messages handed over and not yet acknowledged, in libmosquitto and before it.</summary>
    public const int MaxUnacknowledged = 1000;

    private readonly MqttOptions _options;
    private readonly Action<string, Exception?> _report;
    private readonly ReconnectDelays _delays;
    private readonly Lock _lock = new();
    private readonly List<(string Filter, MqttQos Qos)> _subscriptions = [];
    private readonly Queue<PendingPublish> _outgoing = [];
    private readonly SemaphoreSlim _slots = new(MaxUnacknowledged);
    private readonly MqttLoop _loop;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;
    private LoopSeat? _seat;
    private volatile bool _stopping;
    private volatile bool _connected;
    private volatile MqttException? _trouble;

    /// <param name="options">How to reach the broker.</param>
    /// <param name="report">Told of lost connections, failed attempts, refused subscriptions and exceptions of
    /// handlers; called on the connection's thread.</param>
    /// <param name="delays">Waits between attempts; <see cref="ReconnectDelays.Default"/> when null.</param>
    /// <param name="loop">Serves it; one of its own when null.</param>
    public MosquittoConnection(
        MqttOptions options,
        Action<string, Exception?> report,
        ReconnectDelays? delays = null,
        MqttLoop? loop = null)
    {
        if (options.Host.Length == 0
            || options.ClientId.Length == 0
            || (MqttOptions.IsLocal(options.Host)
                ? options.TlsAuthorityFile is not null
                : options.Port is < 1 or > ushort.MaxValue)
            || options.MaxInFlight is < 1
            || options.KeepAlive.TotalSeconds is < 5 or > ushort.MaxValue)
        {
            throw new ArgumentException(
                "A connection needs a host, a port from 1 to 65535, a client id, a keep-alive from 5 to 65535 s and a "
                + "message on its way; over a local socket no port, and no TLS.",
                nameof(options));
        }

        _options = options;
        _report = report;
        _delays = delays ?? ReconnectDelays.Default;
        _loop = loop ?? new MqttLoop($"mqtt {options.ClientId}");
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

            _seat = _loop.Add(this);
            _started = true;
        }
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

        WakeUp();
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

        WakeUp();

        // The slots are not disposed: callers may still be waiting for one, to be told that the connection is gone.
        await _ended.Task;
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

        WakeUp();
    }

    private void ThrowWhenNotConnected()
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (!_connected)
        {
            throw new MqttException("Not connected to the broker.");
        }
    }

    private void WakeUp()
    {
        lock (_lock)
        {
            _seat?.Call();
        }
    }
}
