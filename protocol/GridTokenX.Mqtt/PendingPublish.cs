namespace GridTokenX.Mqtt;

/// <summary>
/// A message between the caller and the broker's acknowledgement; holds one of the connection's slots until then.
/// </summary>
internal sealed class PendingPublish(
    string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, SemaphoreSlim slots)
{
    // Continuations must not run on the connection's thread, and never inside a native callback.
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal string Topic { get; } = topic;

    internal ReadOnlyMemory<byte> Payload { get; } = payload;

    internal MqttQos Qos { get; } = qos;

    internal bool Retain { get; } = retain;

    internal Task Completion => _completion.Task;

    internal void Complete()
    {
        if (_completion.TrySetResult())
        {
            _ = slots.Release();
        }
    }

    internal void Fail(string why)
    {
        if (_completion.TrySetException(new MqttException(why)))
        {
            _ = slots.Release();
        }
    }
}
