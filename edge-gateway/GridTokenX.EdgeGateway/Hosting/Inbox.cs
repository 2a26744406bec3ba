using System.Collections.Concurrent;
using System.Threading.Channels;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>One waits, anyone wakes; several wake-ups before the waiter comes are one.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    internal void Set() => _ = _channel.Writer.TryWrite(true);

    internal async Task WaitAsync(CancellationToken cancellationToken) =>
        _ = await _channel.Reader.ReadAsync(cancellationToken);

    /// <summary>True when it is set, false when the wall time is over before.</summary>
    internal async Task<bool> WaitAsync(TimeSpan atMost, WallTime wall, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, wall.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}

/// <summary>A bounded queue to one worker, which takes what is there in batches; adding never waits.</summary>
internal sealed class Inbox<T>(int capacity)
{
    private readonly ConcurrentQueue<T> _items = new();
    private readonly Signal _signal = new();
    private int _count;

    /// <summary>False when it is full: the item was not taken.</summary>
    internal bool TryAdd(T item)
    {
        if (Interlocked.Increment(ref _count) > capacity)
        {
            _ = Interlocked.Decrement(ref _count);
            return false;
        }

        _items.Enqueue(item);
        _signal.Set();
        return true;
    }

    /// <summary>Lets the worker look around although nothing new came.</summary>
    internal void Wake() => _signal.Set();

    /// <summary>
    /// Waits for an item or a wake-up; gives at most <paramref name="max"/>, none after a mere wake-up.
    /// </summary>
    internal async Task<List<T>> TakeAsync(int max, CancellationToken cancellationToken)
    {
        await _signal.WaitAsync(cancellationToken);
        var taken = new List<T>();
        while (taken.Count < max && _items.TryDequeue(out var item))
        {
            _ = Interlocked.Decrement(ref _count);
            taken.Add(item);
        }

        if (!_items.IsEmpty)
        {
            _signal.Set();
        }

        return taken;
    }
}
