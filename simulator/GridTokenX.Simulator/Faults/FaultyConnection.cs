using System.Text.Json;
using GridTokenX.Community.Scenarios;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;

namespace GridTokenX.Simulator.Faults;

/// <summary>
/// A connection that does to readings and their acknowledgements what the network's <see cref="Wire"/> says. Everything
/// else passes: it is repeated by nobody, since MQTT itself sees to its arrival.
/// </summary>
internal sealed class FaultyConnection : IMqttConnection
{
    private const string Reading = "/reading";
    private const string Acknowledgement = "/reading/ack";

    private readonly FaultyNetwork _network;
    private readonly Lock _lock = new();
    private readonly HashSet<long> _underWay = [];
    private List<(string Topic, ReadOnlyMemory<byte> Payload)> _late = [];
    private volatile bool _isBroken;

    public FaultyConnection(IMqttConnection inner, FaultyNetwork network)
    {
        Inner = inner;
        _network = network;
        inner.MessageReceived += Receive;
        inner.ConnectionChanged += isConnected => ConnectionChanged?.Invoke(isConnected);
    }

    public event Action<MqttMessage>? MessageReceived;

    public event Action<bool>? ConnectionChanged;

    public IMqttConnection Inner { get; }

    public bool IsConnected => !_isBroken && Inner.IsConnected;

    /// <summary>Every reading that was let through has been answered at least once, or given up.</summary>
    public bool IsQuiet
    {
        get
        {
            lock (_lock)
            {
                return _underWay.Count == 0;
            }
        }
    }

    public void Start() => Inner.Start();

    public void Subscribe(string topicFilter, MqttQos qos) => Inner.Subscribe(topicFilter, qos);

    public Task PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, CancellationToken cancellationToken)
    {
        if (_isBroken)
        {
            return Task.FromException(new MqttException("The way to the broker is down."));
        }

        return topic.EndsWith(Reading, StringComparison.Ordinal)
            ? SendAsync(topic, payload, qos, cancellationToken)
            : Inner.PublishAsync(topic, payload, qos, retain, cancellationToken);
    }

    /// <summary>The way to the broker goes down; the meter finds out at once.</summary>
    public void Break()
    {
        _isBroken = true;
        ConnectionChanged?.Invoke(false);
    }

    public void BringLate()
    {
        foreach (var (topic, payload) in TakeLate())
        {
            _ = TrySendAsync(topic, payload);
        }
    }

    public ValueTask DisposeAsync() => Inner.DisposeAsync();

    private Task SendAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQos qos, CancellationToken cancellationToken)
    {
        var wire = _network.Wire;
        var isTrue = wire.Cheat == CheatKind.None;
        if (isTrue)
        {
            _network.Forgery.Remember(payload);
        }
        else
        {
            (topic, payload) = _network.Forgery.Of(topic, payload, wire);
        }

        var isLost = _network.Happens(wire.Drop);
        if (isTrue)
        {
            Expect(payload, isLost);
        }

        if (isLost)
        {
            return Task.CompletedTask;
        }

        if (_network.Happens(wire.Delay))
        {
            lock (_lock)
            {
                _late.Add((topic, payload));
            }

            return Task.CompletedTask;
        }

        var sent = new List<Task> { Inner.PublishAsync(topic, payload, qos, retain: false, cancellationToken) };
        if (_network.Happens(wire.Duplicate))
        {
            sent.Add(Inner.PublishAsync(topic, payload, qos, retain: false, cancellationToken));
        }

        sent.AddRange(TakeLate().Select(late => TrySendAsync(late.Topic, late.Payload)));
        return Task.WhenAll(sent);
    }

    /// <summary>What is lost on this way as well, the meter repeats.</summary>
    private async Task TrySendAsync(string topic, ReadOnlyMemory<byte> payload)
    {
        try
        {
            await Inner.PublishAsync(topic, payload, MqttQos.AtLeastOnce, retain: false, CancellationToken.None);
        }
        catch (MqttException exception)
        {
            _network.Report("A late message was lost.", exception);
        }
    }

    private List<(string Topic, ReadOnlyMemory<byte> Payload)> TakeLate()
    {
        lock (_lock)
        {
            var late = _late;
            _late = late.Count == 0 ? late : [];
            return late;
        }
    }

    private void Receive(MqttMessage message)
    {
        var isAnswer = message.Topic.EndsWith(Acknowledgement, StringComparison.Ordinal);
        var isLost = _isBroken || (isAnswer && _network.Happens(_network.Wire.Drop));
        if (!isLost)
        {
            MessageReceived?.Invoke(message);
        }

        // Not before the meter has it: it would take the reading for lost meanwhile.
        if (isAnswer)
        {
            Settle(message.Payload);
        }
    }

    /// <summary>
    /// An answer is to come; of a forged reading none does. One that is sent anew is not waited for in what was sent
    /// before.
    /// </summary>
    private void Expect(ReadOnlyMemory<byte> payload, bool isLost)
    {
        var reading = JsonSerializer.Deserialize(payload.Span, ProtocolJson.Default.SignedReading)
            ?? throw new InvalidOperationException("A meter has sent a reading that is none.");
        lock (_lock)
        {
            _ = isLost ? _underWay.Remove(reading.Sequence) : _underWay.Add(reading.Sequence);
        }
    }

    private void Settle(ReadOnlyMemory<byte> acknowledgement)
    {
        var answered = JsonSerializer.Deserialize(
            acknowledgement.Span, ProtocolJson.Default.ReadingAcknowledgement);
        lock (_lock)
        {
            _ = answered is not null && _underWay.Remove(answered.Sequence);
        }
    }
}

/// <summary>Nobody answers.</summary>
internal sealed class NoConnection : IMqttConnection
{
    public event Action<MqttMessage>? MessageReceived
    {
        add
        {
            // There is nothing to hear.
        }

        remove
        {
            // There is nothing to hear.
        }
    }

    public event Action<bool>? ConnectionChanged
    {
        add
        {
            // It was never there, and never comes.
        }

        remove
        {
            // It was never there, and never comes.
        }
    }

    public bool IsConnected => false;

    public void Start()
    {
        // There is nobody to connect to.
    }

    public void Subscribe(string topicFilter, MqttQos qos)
    {
        // Nor to hear.
    }

    public Task PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, CancellationToken cancellationToken) =>
        Task.FromException(new MqttException("There is no way to the broker."));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
