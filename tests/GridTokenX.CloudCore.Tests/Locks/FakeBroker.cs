using System.Collections.Concurrent;
using System.Text.Json;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.CloudCore.Tests.Locks;

/// <summary>A broker without a network: keeps what is published, and hands over what a test lets devices say.</summary>
internal sealed class FakeBroker : IMqttConnection
{
    private readonly ConcurrentQueue<MqttMessage> _published = [];

    public event Action<MqttMessage>? MessageReceived;

    public event Action<bool>? ConnectionChanged;

    public bool IsConnected { get; private set; }

    internal bool IsBroken { get; set; }

    internal int Failures { get; private set; }

    internal string? Filter { get; private set; }

    internal bool HasReceiver => MessageReceived is not null;

    internal IReadOnlyList<MqttMessage> Published => [.. _published];

    internal IReadOnlyList<LockCommand> Commands => [.. _published.Select(static message =>
        JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.LockCommand)!)];

    public void Start()
    {
        IsConnected = true;
        ConnectionChanged?.Invoke(true);
    }

    public void Subscribe(string topicFilter, MqttQos qos) => Filter = topicFilter;

    public Task PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, CancellationToken cancellationToken)
    {
        if (IsBroken)
        {
            Failures++;
            throw new MqttException("The connection was lost.");
        }

        _published.Enqueue(new MqttMessage(topic, payload.ToArray(), retain));
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal void Say(DeviceState state, Key32? topic = null) => Say(
        Topics.State((topic ?? state.Device).ToString()),
        JsonSerializer.SerializeToUtf8Bytes(state, ProtocolJson.Default.DeviceState));

    internal void Say(string topic, byte[] payload) => MessageReceived?.Invoke(new MqttMessage(topic, payload, false));
}
