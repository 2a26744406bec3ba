using System.Text;
using GridTokenX.Firmware.Board;
using GridTokenX.Mqtt;

namespace GridTokenX.Benchmarks.Boards;

/// <summary>Broker and gateway in the boards' own thread: each reading is acknowledged as it is published.</summary>
internal sealed class AnsweringNetwork : SimulatedNetwork
{
    private static readonly byte[] Sequence = "\"sequence\":"u8.ToArray();

    /// <summary>Readings that were acknowledged.</summary>
    public long Readings { get; private set; }

    protected override IMqttConnection Open(MqttOptions options) => new Line(this);

    protected override void Leave(IMqttConnection connection)
    {
        // Nothing is held.
    }

    private byte[] Answer(ReadOnlySpan<byte> reading)
    {
        Readings++;
        var from = reading.IndexOf(Sequence) + Sequence.Length;
        var length = reading[from..].IndexOf((byte)',');
        return Encoding.ASCII.GetBytes($$"""{"sequence":{{Encoding.ASCII.GetString(reading.Slice(from, length))}}}""");
    }

    private sealed class Line(AnsweringNetwork network) : IMqttConnection
    {
        public event Action<MqttMessage>? MessageReceived;

        public event Action<bool>? ConnectionChanged;

        public bool IsConnected { get; private set; }

        public void Start()
        {
            IsConnected = true;
            ConnectionChanged?.Invoke(true);
        }

        public void Subscribe(string topicFilter, MqttQos qos)
        {
            // What the board asks for is all that is ever sent.
        }

        public Task PublishAsync(
            string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, CancellationToken cancellationToken)
        {
            if (topic.EndsWith("/reading", StringComparison.Ordinal))
            {
                MessageReceived?.Invoke(new MqttMessage(topic + "/ack", network.Answer(payload.Span), false));
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
