using System.Text.Json;
using System.Threading.Channels;

namespace GridTokenX.Solana.PubSub;

/// <summary>Notifications as they come, for one reader. Ends with an exception when they can no longer be delivered
/// completely. Disposing it unsubscribes.</summary>
public sealed class Subscription<T> : IAsyncEnumerable<Notification<T>>, IAsyncDisposable
    where T : class
{
    private readonly PubSubConnection _connection;
    private readonly SubscriptionCore<T> _core;

    internal Subscription(PubSubConnection connection, SubscriptionCore<T> core)
    {
        _connection = connection;
        _core = core;
    }

    public IAsyncEnumerator<Notification<T>> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        _core.Notifications.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    public ValueTask DisposeAsync() => _connection.RemoveAsync(_core);
}

/// <summary>What the connection knows of a subscription. All members are called by one thread at a time: the one that
/// holds the connection's lock, or its receiving loop.</summary>
internal abstract class SubscriptionCore(string method, Action<Utf8JsonWriter> parameters)
{
    /// <summary>Without the ending, as in `slot` for slotSubscribe, slotUnsubscribe and slotNotification.</summary>
    public string Method { get; } = method;

    public Action<Utf8JsonWriter> Parameters { get; } = parameters;

    /// <summary>Completes when the node has taken the subscription for the first time.</summary>
    public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ulong? ServerId { get; set; }

    /// <returns>False when the subscription is over and has to be taken out.</returns>
    public abstract bool Deliver(JsonElement result);

    /// <returns>As for <see cref="Deliver"/>.</returns>
    public abstract bool MarkGap();

    public abstract void End(Exception? fault);
}

internal sealed class SubscriptionCore<T>(
    string method, Action<Utf8JsonWriter> parameters, int capacity, bool endsAfterFirst,
    Func<JsonElement, Notification<T>> read)
    : SubscriptionCore(method, parameters)
    where T : class
{
    private readonly Channel<Notification<T>> _channel = Channel.CreateBounded<Notification<T>>(
        new BoundedChannelOptions(capacity) { SingleWriter = true, SingleReader = true });

    public ChannelReader<Notification<T>> Notifications => _channel.Reader;

    public override bool Deliver(JsonElement result)
    {
        if (!Write(read(result)))
        {
            return false;
        }

        if (endsAfterFirst)
        {
            End(fault: null);
        }

        return !endsAfterFirst;
    }

    public override bool MarkGap() => Write(default);

    public override void End(Exception? fault)
    {
        _ = _channel.Writer.TryComplete(fault);
        _ = fault is null ? Ready.TrySetCanceled() : Ready.TrySetException(fault);
    }

    private bool Write(Notification<T> notification)
    {
        if (_channel.Writer.TryWrite(notification))
        {
            return true;
        }

        End(new SubscriptionOverflowException(Method, capacity));
        return false;
    }
}
