namespace GridTokenX.CloudCore.Storage;

/// <summary>
/// Those who ask for the same are answered by one read, which has begun at most a lifetime before each of them asked;
/// of each key there is one read at a time, however many ask. With a lifetime of zero nobody gets what was true before
/// his question. What has failed is not kept.
/// </summary>
/// <param name="read">Of a key.</param>
/// <param name="clock">How long ago a read began.</param>
/// <param name="lifetime">Zero: every answer is of a read that began after its question.</param>
internal sealed class SharedReads<TKey, TValue>(Func<TKey, Task<TValue>> read, TimeProvider clock, TimeSpan lifetime)
    where TKey : notnull
{
    private const int MaxKept = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Reading> _readings = [];

    /// <summary>What is being read of a key, or was read last.</summary>
    private sealed class Reading
    {
        public required Task<TValue> Answer { get; set; }

        public required long BeganAt { get; set; }

        /// <summary>Who is to be answered by the read after this one.</summary>
        public TaskCompletionSource<TValue>? Next { get; set; }

        public bool IsUnderWay { get; set; } = true;
    }

    internal int Keys
    {
        get
        {
            lock (_lock)
            {
                return _readings.Count;
            }
        }
    }

    internal Task<TValue> ReadAsync(TKey key)
    {
        TaskCompletionSource<TValue> first;
        lock (_lock)
        {
            if (_readings.TryGetValue(key, out var reading))
            {
                if (IsFresh(reading))
                {
                    return reading.Answer;
                }

                if (reading.IsUnderWay)
                {
                    return (reading.Next ??= NewAnswer()).Task;
                }
            }

            MakeRoom();
            first = NewAnswer();
            _readings[key] = new Reading { Answer = first.Task, BeganAt = clock.GetTimestamp() };
        }

        _ = RunAsync(key, first);
        return first.Task;
    }

    private static TaskCompletionSource<TValue> NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool IsFresh(Reading reading) => lifetime > TimeSpan.Zero
        && !reading.Answer.IsFaulted
        && clock.GetElapsedTime(reading.BeganAt) < lifetime;

    /// <summary>What nobody waits for is forgotten when there is too much of it.</summary>
    private void MakeRoom()
    {
        if (_readings.Count < MaxKept)
        {
            return;
        }

        foreach (var (key, _) in _readings.Where(static reading => !reading.Value.IsUnderWay).ToList())
        {
            _ = _readings.Remove(key);
        }
    }

    private async Task RunAsync(TKey key, TaskCompletionSource<TValue>? answer)
    {
        while (answer is not null)
        {
            try
            {
                answer.SetResult(await read(key));
            }
#pragma warning disable CA1031 // Whoever asked gets it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                answer.SetException(exception);
            }

            answer = Next(key);
        }
    }

    /// <summary>The answer of the next read, which begins now; null when nobody waits for one.</summary>
    private TaskCompletionSource<TValue>? Next(TKey key)
    {
        lock (_lock)
        {
            var reading = _readings[key];
            if (reading.Next is { } next)
            {
                (reading.Answer, reading.BeganAt, reading.Next) = (next.Task, clock.GetTimestamp(), null);
                return next;
            }

            reading.IsUnderWay = false;
            if (!IsFresh(reading))
            {
                _ = _readings.Remove(key);
            }

            return null;
        }
    }
}
