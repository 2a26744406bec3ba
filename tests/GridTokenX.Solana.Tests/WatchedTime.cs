using System.Threading.Channels;
using GridTokenX.Protocol.Time;

namespace GridTokenX.Solana.Tests;

/// <summary>A clock moved by the test that tells when somebody starts to wait on it.</summary>
internal sealed class WatchedTime : TimeProvider
{
    private readonly SteppedTime _clock = new(DateTimeOffset.UnixEpoch);
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _clock.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    public void Advance(TimeSpan by) => _clock.Advance(by);

    /// <summary>The length of the next wait that somebody starts.</summary>
    public ValueTask<TimeSpan> NextWaitAsync() =>
        _waits.Reader.ReadAsync(new CancellationTokenSource(120_000).Token);

    /// <summary>
    /// Passes every wait not longer than the limit, as soon as it is started, until the work is done.
    /// </summary>
    public async Task<T> RunAsync<T>(Task<T> work, TimeSpan limit)
    {
        while (!work.IsCompleted)
        {
            var wait = _waits.Reader.WaitToReadAsync().AsTask();
            if (await Task.WhenAny(work, wait) == wait && _waits.Reader.TryRead(out var due) && due <= limit)
            {
                Advance(due);
            }
        }

        return await work;
    }
}
