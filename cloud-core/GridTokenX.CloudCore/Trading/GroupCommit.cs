namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Requests that come while others are being written make up the next group: under load many of them share each
/// statement and each commit, alone none of them waits. At most so many wait; more are turned away.
/// </summary>
/// <param name="write">Answers all of a group, in its order; never throws.</param>
/// <param name="maxGroup">Requests of one group.</param>
/// <param name="maxGroups">Groups under way at a time.</param>
/// <param name="capacity">Requests that wait.</param>
internal sealed class GroupCommit<TRequest, TAnswer>(
    Func<IReadOnlyList<TRequest>, Task<IReadOnlyList<Func<TAnswer>>>> write, int maxGroup, int maxGroups, int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<(TRequest Request, TaskCompletionSource<TAnswer> Answer)> _waiting = new();
    private int _groups;

    /// <summary>False when too many wait already.</summary>
    internal bool TryAdd(TRequest request, out Task<TAnswer> answer)
    {
        var source = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        answer = source.Task;
        lock (_lock)
        {
            if (_waiting.Count >= capacity)
            {
                return false;
            }

            _waiting.Enqueue((request, source));
            if (_groups == maxGroups)
            {
                return true;
            }

            _groups++;
        }

        _ = Task.Run(WriteWaitingAsync);
        return true;
    }

    private async Task WriteWaitingAsync()
    {
        while (Take() is { Count: > 0 } group)
        {
            var answers = await write([.. group.Select(static waiting => waiting.Request)]);
            for (var i = 0; i < group.Count; i++)
            {
                Answer(group[i].Answer, answers[i]);
            }
        }
    }

    /// <summary>The next group; none when nobody waits, and the caller has ended then.</summary>
    private List<(TRequest Request, TaskCompletionSource<TAnswer> Answer)> Take()
    {
        lock (_lock)
        {
            var group = new List<(TRequest Request, TaskCompletionSource<TAnswer> Answer)>(
                Math.Min(_waiting.Count, maxGroup));
            while (group.Count < maxGroup && _waiting.TryDequeue(out var next))
            {
                group.Add(next);
            }

            if (group.Count == 0)
            {
                _groups--;
            }

            return group;
        }
    }

    private static void Answer(TaskCompletionSource<TAnswer> waiting, Func<TAnswer> answer)
    {
        try
        {
            waiting.SetResult(answer());
        }
#pragma warning disable CA1031 // It is the request's own failure, and goes to who asked.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            waiting.SetException(exception);
        }
    }
}
