namespace GridTokenX.Mqtt;

/// <param name="Topic">Where it was published.</param>
/// <param name="Payload">Its bytes; owned by the receiver.</param>
/// <param name="Retained">The broker's stored copy, not a fresh publication.</param>
public sealed record MqttMessage(string Topic, byte[] Payload, bool Retained);

/// <summary>Quality of service as MQTT names it; exactly-once is not used here.</summary>
public enum MqttQos
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
}

/// <summary>The last will: what the broker publishes when this client goes silently.</summary>
public sealed record MqttWill(string Topic, byte[] Payload, MqttQos Qos, bool Retain);

/// <summary>How to reach a broker.</summary>
public sealed record MqttOptions
{
    /// <summary>
    /// Name or address; or, beginning with /, the path of the local socket (unix(7)) of a broker on this machine, which
    /// knows neither port nor TLS.
    /// </summary>
    public required string Host { get; init; }

    /// <summary>1 to 65535; means nothing with a local socket.</summary>
    public required int Port { get; init; }

    /// <summary>Stable per client: the broker keeps the session under it.</summary>
    public required string ClientId { get; init; }

    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>PEM file of the authorities to trust; null for a connection without TLS.</summary>
    public string? TlsAuthorityFile { get; init; }

    /// <summary>False keeps subscriptions and queued messages at the broker while this client is away.</summary>
    public bool CleanSession { get; init; }

    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    public MqttWill? Will { get; init; }

    /// <summary>
    /// So many messages are sent before the first of them is acknowledged, the next ones when half of them are; null
    /// for as many as are handed over. libmosquitto looks through all of them at each acknowledgement: few are cheaper
    /// where the broker is near, many are faster where it is far.
    /// </summary>
    public int? MaxInFlight { get; init; }

    /// <summary>Whether this host is the path of a local socket.</summary>
    public static bool IsLocal(string host) => host.StartsWith('/');

    /// <summary>For people.</summary>
    public static string AddressOf(string host, int port) => IsLocal(host) ? host : $"{host}:{port}";
}

/// <summary>
/// One client's connection to a broker. It connects in the background and reconnects for ever, with back-off;
/// subscriptions are made again after every reconnect.
/// </summary>
public interface IMqttConnection : IAsyncDisposable
{
    /// <summary>
    /// Raised on the connection's thread, one at a time, in the order of arrival; handlers must not block long.
    /// </summary>
    event Action<MqttMessage>? MessageReceived;

    /// <summary>Raised when the connection was made (true, subscriptions are in place) or lost (false).</summary>
    event Action<bool>? ConnectionChanged;

    bool IsConnected { get; }

    /// <summary>Begins to connect; returns at once.</summary>
    void Start();

    /// <summary>Adds a subscription, now when connected, and after every reconnect.</summary>
    void Subscribe(string topicFilter, MqttQos qos);

    /// <summary>
    /// Publishes; completes when the broker has acknowledged (QoS 1) or the message was handed over (QoS 0).
    /// </summary>
    /// <exception cref="MqttException">Not connected, or the connection was lost before the acknowledgement: the
    /// message may or may not have arrived, and the caller repeats it.</exception>
    Task PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, CancellationToken cancellationToken);

    /// <summary>
    /// Publishes several messages, not retained, in their order; completes when the broker has acknowledged all of them
    /// (QoS 1).
    /// </summary>
    /// <exception cref="MqttException">As of <see cref="PublishAsync"/>, for any of them; the others may or may not
    /// have arrived.</exception>
    Task PublishAllAsync(
        IReadOnlyCollection<(string Topic, ReadOnlyMemory<byte> Payload)> messages,
        MqttQos qos,
        CancellationToken cancellationToken) =>
        Task.WhenAll(messages.Select(message =>
            PublishAsync(message.Topic, message.Payload, qos, retain: false, cancellationToken)));
}

/// <summary>Why there is no connection.</summary>
public enum MqttFault
{
    None = 0,

    /// <summary>Nobody answers there, or not as a broker does.</summary>
    Unreachable,

    /// <summary>No TLS, a certificate of another authority or for another name, or one that is not valid now.
    /// </summary>
    Untrusted,

    /// <summary>The broker does not let this client in: its user, its password, or what else it asks for.</summary>
    Refused,

    /// <summary>It was there, and has ended.</summary>
    Lost,
}

public sealed class MqttException : Exception
{
    public MqttException(string message, MqttFault fault)
        : base(message) => Fault = fault;

    public MqttException(string message)
        : base(message)
    {
    }

    public MqttException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public MqttException()
    {
    }

    /// <summary>None when it is not the connection that failed.</summary>
    public MqttFault Fault { get; }
}
