namespace GridTokenX.Mqtt;

/// <summary>A message between the caller and the broker's acknowledgement.</summary>
internal sealed class PendingPublish(
    string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, PublishOutcome outcome)
{
    private bool _isDone;

    internal string Topic { get; } = topic;

    internal ReadOnlyMemory<byte> Payload { get; } = payload;

    internal MqttQos Qos { get; } = qos;

    internal bool Retain { get; } = retain;

    internal void Complete() => Finish(null);

    internal void Fail(string why) => Finish(why);

    private void Finish(string? fault)
    {
        if (!_isDone)
        {
            _isDone = true;
            outcome.OneIsDone(fault);
        }
    }
}

/// <summary>What became of messages that one caller waits for together.</summary>
/// <param name="count">How many.</param>
/// <param name="whenDone">Called once, when the last of them is done.</param>
internal sealed class PublishOutcome(int count, Action? whenDone = null)
{
    // Continuations must not run on the connection's thread, and never inside a native callback.
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = count;
    private string? _fault;

    internal Task Completion => _completion.Task;

    /// <summary>A message was acknowledged, or has failed; the outcome is the last one's, or the first fault.</summary>
    internal void OneIsDone(string? fault)
    {
        if (fault is not null)
        {
            _ = Interlocked.CompareExchange(ref _fault, fault, null);
        }

        if (Interlocked.Decrement(ref _left) > 0)
        {
            return;
        }

        if (_fault is null)
        {
            _ = _completion.TrySetResult();
        }
        else
        {
            _ = _completion.TrySetException(new MqttException(_fault));
        }

        whenDone?.Invoke();
    }
}
