using System.Text;
using GridTokenX.Mqtt;

namespace GridTokenX.Simulator.Tests.Faults;

/// <summary>A broker that takes everything.</summary>
internal sealed class RecordingConnection : IMqttConnection
{
    public event Action<MqttMessage>? MessageReceived;

    public event Action<bool>? ConnectionChanged;

    public bool IsConnected { get; private set; }

    public List<(string Topic, byte[] Payload)> Sent { get; } = [];

    public void Start()
    {
        IsConnected = true;
        ConnectionChanged?.Invoke(true);
    }

    public void Subscribe(string topicFilter, MqttQos qos)
    {
        // What is received is what a test brings.
    }

    public void Bring(string topic, string payload = "{}") =>
        MessageReceived?.Invoke(new MqttMessage(topic, Encoding.UTF8.GetBytes(payload), Retained: false));

    public Task PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, CancellationToken cancellationToken)
    {
        Sent.Add((topic, payload.ToArray()));
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
