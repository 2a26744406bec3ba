using GridTokenX.CloudCore.Storage;

namespace GridTokenX.CloudCore.Ingest;

/// <summary>
/// Commits work of several requests in one transaction: what comes in while the writers are busy waits, and goes with
/// the next group, in the order in which it came. One that fails does not fail the others: then each is tried alone.
/// A request that goes away takes its work along while it waits, and not once a group has it.
/// </summary>
/// <param name="writers">Groups at the same time.</param>
/// <param name="most">Size after which a group is full; work is never cut.</param>
/// <param name="sizeOf">Of one piece of work.</param>
/// <param name="commit">
/// All or nothing. What it is given may have been given to it before, when that attempt failed.
/// </param>
internal sealed class GroupCommit<T>(
    int writers, int most, Func<T, int> sizeOf, Func<IReadOnlyList<T>, Task> commit)
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
    internal Task CommitAsync(T work, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(work, cancellationToken);
        bool starts;
        lock (_gate)
        {
            _waiting.Enqueue(waiting);
            starts = _writing < writers;
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
        while (Next() is { Count: > 0 } group)
        {
            await CommitAsync(group);
        }
    }

    /// <summary>Empty when nothing waits: then the writer has ended.</summary>
    private List<Waiting> Next()
    {
        var group = new List<Waiting>();
        var size = 0;
        lock (_gate)
        {
            while (size < most && _waiting.TryDequeue(out var waiting))
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

    private async Task CommitAsync(List<Waiting> group)
    {
        try
        {
            await commit(group.ConvertAll(static waiting => waiting.Work));
            group.ForEach(static waiting => waiting.Done.SetResult());
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to the requests that wait.
        catch (Exception exception) when (group.Count == 1 || DatabaseFaults.IsUnavailable(exception))
        {
            group.ForEach(waiting => waiting.Fail(exception));
        }
        catch (Exception)
        {
            foreach (var waiting in group)
            {
                await CommitAsync([waiting]);
            }
        }
#pragma warning restore CA1031
    }

    private sealed class Waiting(T work, CancellationToken cancellation)
    {
        internal T Work => work;

        internal CancellationToken Cancellation => cancellation;

        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal void Fail(Exception exception)
        {
            Done.SetException(exception);

            // Seen: the request may have gone meanwhile.
            _ = Done.Task.Exception;
        }
    }
}
