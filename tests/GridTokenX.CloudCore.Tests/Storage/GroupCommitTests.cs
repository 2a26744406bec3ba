using FsCheck;
using FsCheck.Fluent;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Storage;

public sealed class GroupCommitTests : IDisposable
{
    private readonly List<int[]> _committed = [];
    private readonly SemaphoreSlim _started = new(0);
    private readonly SemaphoreSlim _go = new(0);
    private Func<IReadOnlyList<int>, Exception?> _fault = static _ => null;

    public void Dispose()
    {
        _started.Dispose();
        _go.Dispose();
    }

    [Fact]
    public async Task What_waited_is_committed_together_in_the_order_in_which_it_came()
    {
        var group = Group(writers: 1);
        var first = group.CommitAsync(1, CancellationToken.None);
        await _started.WaitAsync();
        Task[] others = [.. Enumerable.Range(2, 4).Select(work => group.CommitAsync(work, CancellationToken.None))];
        group.Waiters.ShouldBe(4);

        _ = _go.Release(2);
        await Task.WhenAll([first, .. others]);

        _committed.ShouldBe([[1], [2, 3, 4, 5]]);
        group.Waiters.ShouldBe(0);
    }

    [Fact]
    public async Task A_group_is_full_at_its_size_and_work_is_never_cut()
    {
        var group = Group(writers: 1, most: 10);
        var first = group.CommitAsync(1, CancellationToken.None);
        await _started.WaitAsync();
        List<int> works = [6, 7, 50, 2];
        Task[] others = [.. works.Select(work => group.CommitAsync(work, CancellationToken.None))];

        _ = _go.Release(10);
        await Task.WhenAll([first, .. others]);

        _committed.ShouldBe([[1], [6, 7], [50], [2]]);
    }

    [Fact]
    public async Task One_that_fails_does_not_fail_the_others()
    {
        _fault = static works => works.Contains(3) ? new InvalidOperationException("three") : null;
        var group = Group(writers: 1);
        var first = group.CommitAsync(1, CancellationToken.None);
        await _started.WaitAsync();
        Task[] others = [.. Enumerable.Range(2, 3).Select(work => group.CommitAsync(work, CancellationToken.None))];

        _ = _go.Release(10);
        await first;
        await others[0];
        (await Should.ThrowAsync<InvalidOperationException>(others[1])).Message.ShouldBe("three");
        await others[2];

        _committed.ShouldBe([[1], [2], [4]]);
    }

    [Fact]
    public async Task A_database_that_is_away_is_not_asked_again_for_each()
    {
        var asked = 0;
        _fault = works =>
        {
            asked++;
            return works.Contains(2) ? new NpgsqlException("away") : null;
        };
        var group = Group(writers: 1);
        var first = group.CommitAsync(1, CancellationToken.None);
        await _started.WaitAsync();
        Task[] others = [.. Enumerable.Range(2, 3).Select(work => group.CommitAsync(work, CancellationToken.None))];

        _ = _go.Release(10);
        await first;
        foreach (var other in others)
        {
            _ = await Should.ThrowAsync<NpgsqlException>(other);
        }

        asked.ShouldBe(2);
    }

    [Fact]
    public async Task Work_whose_request_has_gone_is_left_out_while_it_waits()
    {
        var group = Group(writers: 1);
        var first = group.CommitAsync(1, CancellationToken.None);
        await _started.WaitAsync();
        using var gone = new CancellationTokenSource();
        var second = group.CommitAsync(2, gone.Token);
        var third = group.CommitAsync(3, CancellationToken.None);
        await gone.CancelAsync();
        _ = await Should.ThrowAsync<OperationCanceledException>(second);

        _ = _go.Release(10);
        await Task.WhenAll(first, third);

        _committed.ShouldBe([[1], [3]]);
    }

    [Fact]
    public async Task Work_that_a_group_has_is_committed_although_its_request_goes()
    {
        var group = Group(writers: 1);
        using var gone = new CancellationTokenSource();
        var work = group.CommitAsync(1, gone.Token);
        await _started.WaitAsync();
        await gone.CancelAsync();
        _ = await Should.ThrowAsync<OperationCanceledException>(work);

        _ = _go.Release(10);
        await group.CommitAsync(2, CancellationToken.None);

        _committed.ShouldBe([[1], [2]]);
    }

    [Fact]
    public void Whatever_comes_is_committed_exactly_once_or_has_failed() =>
        Prop.ForAll(
            Gen.Choose(1, 40).ListOf().ToArbitrary(),
            Gen.Choose(1, 4).ToArbitrary(),
            EveryPieceOnceAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    private static async Task<bool> EveryPieceOnceAsync(IList<int> sizes, int writers)
    {
        var worthwhile = sizes.Count % 5;
        var committed = new List<int>();
        var group = new GroupCommit<(int Id, int Size), int>(
            new GroupLimits(writers, 30, 1_000, worthwhile),
            static work => work.Size,
            async works =>
            {
                await Task.Yield();
                if (works.Any(static work => work.Size % 7 == 0))
                {
                    throw new InvalidOperationException("A seventh.");
                }

                lock (committed)
                {
                    committed.AddRange(works.Select(static work => work.Id));
                }

                return [.. works.Select(static work => work.Id)];
            },
            DatabaseFaults.IsUnavailable);
        var tasks = sizes.Select((size, id) => group.CommitAsync((id, size), CancellationToken.None)).ToList();
        await Task.WhenAny(Task.WhenAll(tasks));
        var good = Enumerable.Range(0, sizes.Count).Where(id => sizes[id] % 7 != 0).ToList();
        return committed.Order().SequenceEqual(good)
            && (await Task.WhenAll(good.Select(id => tasks[id]))).SequenceEqual(good)
            && tasks.Count(static task => task.IsFaulted) == sizes.Count - good.Count;
    }

    [Fact]
    public async Task Few_wait_for_the_group_that_is_being_written_and_enough_of_them_get_another()
    {
        var group = Group(writers: 2, worthwhile: 3);
        var first = group.CommitAsync(1, CancellationToken.None);
        await _started.WaitAsync();
        List<Task<int>> others =
            [.. Enumerable.Range(2, 2).Select(work => group.CommitAsync(work, CancellationToken.None))];
        group.Waiters.ShouldBe(2);
        others.Add(group.CommitAsync(4, CancellationToken.None));
        await _started.WaitAsync();
        group.Waiters.ShouldBe(0);

        // The last that is being written takes what has come meanwhile, however little it is.
        others.Add(group.CommitAsync(5, CancellationToken.None));
        group.Waiters.ShouldBe(1);
        _ = _go.Release(10);
        (await Task.WhenAll([first, .. others])).ShouldBe([10, 20, 30, 40, 50]);
        _committed.ShouldBe([[1], [2, 3, 4], [5]], ignoreOrder: true);
    }

    [Fact]
    public async Task More_than_may_wait_is_turned_away_and_what_comes_later_is_taken()
    {
        var group = Group(writers: 1, waiting: 2);
        var first = group.CommitAsync(1, CancellationToken.None);
        await _started.WaitAsync();
        Task<int>[] others =
            [.. Enumerable.Range(2, 2).Select(work => group.CommitAsync(work, CancellationToken.None))];
        _ = await Should.ThrowAsync<OverloadedException>(
            async () => await group.CommitAsync(4, CancellationToken.None));

        _ = _go.Release(10);
        (await Task.WhenAll([first, .. others])).ShouldBe([10, 20, 30]);
        (await group.CommitAsync(5, CancellationToken.None)).ShouldBe(50);
    }

    /// <summary>
    /// Each transaction says that it has started and waits to be let go; a number is its own size, and ten times it
    /// its answer.
    /// </summary>
    private GroupCommit<int, int> Group(int writers, int most = 1000, int waiting = 1000, int worthwhile = 0) =>
        new(
            new GroupLimits(writers, most, waiting, worthwhile),
            static work => work,
            async works =>
            {
                _ = _started.Release();
                await _go.WaitAsync();
                if (_fault(works) is { } fault)
                {
                    throw fault;
                }

                lock (_committed)
                {
                    _committed.Add([.. works]);
                }

                return [.. works.Select(static work => work * 10)];
            },
            DatabaseFaults.IsUnavailable);
}
