namespace GridTokenX.CloudCore.Storage;

/// <summary>
/// Those who ask for the same at the same time are answered by one read, which has begun after each of them had asked:
/// nobody gets what was true before his question, and of each key there is one read at a time, however many ask.
/// </summary>
internal sealed class SharedReads<TKey, TValue>(Func<TKey, Task<TValue>> read)
    where TKey : notnull
{
    private readonly Lock _lock = new();

    /// <summary>Of keys that are being read: who is to be answered by the read after this one.</summary>
    private readonly Dictionary<TKey, TaskCompletionSource<TValue>?> _waiting = [];

    internal int Keys
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    internal Task<TValue> ReadAsync(TKey key)
    {
        TaskCompletionSource<TValue> answer;
        lock (_lock)
        {
            var isBeingRead = _waiting.TryGetValue(key, out var next);
            answer = next ?? new TaskCompletionSource<TValue>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[key] = isBeingRead ? answer : null;
            if (isBeingRead)
            {
                return answer.Task;
            }
        }

        _ = RunAsync(key, answer);
        return answer.Task;
    }

    private async Task RunAsync(TKey key, TaskCompletionSource<TValue> first)
    {
        var answer = first;
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

            lock (_lock)
            {
                answer = _waiting[key];
                if (answer is null)
                {
                    _ = _waiting.Remove(key);
                }
                else
                {
                    _waiting[key] = null;
                }
            }
        }
    }
}
