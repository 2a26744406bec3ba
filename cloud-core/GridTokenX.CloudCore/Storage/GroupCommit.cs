using GridTokenX.CloudCore.Api;

namespace GridTokenX.CloudCore.Storage;

/// <summary>
/// Commits work of several requests in one transaction: what comes in while the writers are busy waits, and goes with
/// the next group, in the order in which it came; alone, nothing waits. One that fails does not fail the others: then
/// each is tried alone. A request that goes away takes its work along while it waits, and not once a group has it.
/// </summary>
/// <param name="limits">What bounds it.</param>
/// <param name="sizeOf">Of one piece of work.</param>
/// <param name="commit">
/// All or nothing; an answer for each, in their order. What it is given may have been given to it before, when that
/// attempt failed.
/// </param>
/// <param name="concernsAll">Of a failure: the others would fare no better alone.</param>
internal sealed class GroupCommit<TWork, TAnswer>(
    GroupLimits limits,
    Func<TWork, int> sizeOf,
    Func<IReadOnlyList<TWork>, Task<IReadOnlyList<TAnswer>>> commit,
    Func<Exception, bool> concernsAll)
{
    private readonly Queue<Waiting> _waiting = new();
    private readonly Lock _gate = new();
    private int _writing;

    /// <summary>How many pieces of work no group has yet.</summary>
    internal int Waiters
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Returns once the work is committed.</summary>
    /// <exception cref="OverloadedException">Too much waits; nothing was taken.</exception>
    internal Task<TAnswer> CommitAsync(TWork work, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(work, cancellationToken);
        bool starts;
        lock (_gate)
        {
            if (_waiting.Count >= limits.Waiting)
            {
                throw new OverloadedException("Too much waits to be committed.");
            }

            _waiting.Enqueue(waiting);
            starts = _writing < limits.Writers && !IsLeftTo(_writing);
            _writing += starts ? 1 : 0;
        }

        if (starts)
        {
            _ = Task.Run(WriteAsync, CancellationToken.None);
        }

        return waiting.Done.Task.WaitAsync(cancellationToken);
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            // Behind whatever is ready to run: requests that have arrived already come along. Alone, this is no wait.
            await Task.Yield();
            var group = Next();
            if (group.Count == 0)
            {
                return;
            }

            await CommitAsync(group);
        }
    }

    /// <summary>Empty when nothing waits, or others see to what does: then the writer has ended.</summary>
    private List<Waiting> Next()
    {
        var group = new List<Waiting>();
        var size = 0;
        lock (_gate)
        {
            var isTaken = !IsLeftTo(_writing - 1);
            while (isTaken && size < limits.Size && _waiting.TryDequeue(out var waiting))
            {
                if (!waiting.Cancellation.IsCancellationRequested)
                {
                    group.Add(waiting);
                    size += sizeOf(waiting.Work);
                }
            }

            _writing -= group.Count == 0 ? 1 : 0;
        }

        return group;
    }

    /// <summary>So few wait that those who are writing take them next.</summary>
    private bool IsLeftTo(int others) => others > 0 && _waiting.Count < limits.Worthwhile;

    private async Task CommitAsync(List<Waiting> group)
    {
        IReadOnlyList<TAnswer> answers;
        try
        {
            answers = await commit(group.ConvertAll(static waiting => waiting.Work));
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to the requests that wait.
        catch (Exception exception) when (group.Count == 1 || concernsAll(exception))
        {
            group.ForEach(waiting => waiting.Fail(exception));
            return;
        }
        catch (Exception)
        {
            foreach (var waiting in group)
            {
                await CommitAsync([waiting]);
            }

            return;
        }
#pragma warning restore CA1031

        foreach (var (waiting, answer) in group.Zip(answers))
        {
            waiting.Done.SetResult(answer);
        }
    }

    private sealed class Waiting(TWork work, CancellationToken cancellation)
    {
        internal TWork Work => work;

        internal CancellationToken Cancellation => cancellation;

        internal TaskCompletionSource<TAnswer> Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal void Fail(Exception exception)
        {
            Done.SetException(exception);

            // Seen: the request may have gone meanwhile.
            _ = Done.Task.Exception;
        }
    }
}

/// <param name="Writers">Groups at the same time.</param>
/// <param name="Size">After which a group is full; work is never cut.</param>
/// <param name="Waiting">Pieces of work that wait; more are turned away.</param>
/// <param name="Worthwhile">
/// Pieces of work that are worth another group while one is being written: each group has its price, whatever its size.
/// </param>
internal readonly record struct GroupLimits(int Writers, int Size, int Waiting, int Worthwhile = 0);
