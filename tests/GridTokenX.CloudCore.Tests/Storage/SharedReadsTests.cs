using GridTokenX.CloudCore.Storage;

namespace GridTokenX.CloudCore.Tests.Storage;

public sealed class SharedReadsTests
{
    private readonly List<TaskCompletionSource<int>> _reads = [];
    private readonly SharedReads<string, int> _shared;

    public SharedReadsTests() => _shared = new SharedReads<string, int>(_ =>
    {
        var read = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_reads)
        {
            _reads.Add(read);
        }

        return read.Task;
    });

    [Fact]
    public async Task Who_asks_while_a_read_is_under_way_is_answered_by_the_next_one()
    {
        var first = _shared.ReadAsync("a");
        var second = _shared.ReadAsync("a");
        var third = _shared.ReadAsync("a");
        _reads.Count.ShouldBe(1);
        _reads[0].SetResult(1);
        (await first).ShouldBe(1);
        await ReadsAsync(2);
        second.IsCompleted.ShouldBeFalse();
        _reads[1].SetResult(2);
        (await second, await third).ShouldBe((2, 2));
        await EmptyAsync();
        _reads.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Different_things_are_read_side_by_side()
    {
        var one = _shared.ReadAsync("a");
        var other = _shared.ReadAsync("b");
        _reads.Count.ShouldBe(2);
        _reads[1].SetResult(2);
        (await other).ShouldBe(2);
        one.IsCompleted.ShouldBeFalse();
        _reads[0].SetResult(1);
        (await one).ShouldBe(1);
        await EmptyAsync();
    }

    [Fact]
    public async Task A_failure_is_of_those_who_waited_for_it_and_the_next_read_goes_on()
    {
        var failing = _shared.ReadAsync("a");
        var next = _shared.ReadAsync("a");
        _reads[0].SetException(new InvalidOperationException("once"));
        (await Should.ThrowAsync<InvalidOperationException>(() => failing)).Message.ShouldBe("once");
        await ReadsAsync(2);
        _reads[1].SetResult(2);
        (await next).ShouldBe(2);
        await EmptyAsync();
    }

    private Task ReadsAsync(int count) => GridTokenX.Testing.Eventually.HoldsAsync(() =>
    {
        lock (_reads)
        {
            return Task.FromResult(_reads.Count == count);
        }
    });

    private Task EmptyAsync() =>
        GridTokenX.Testing.Eventually.HoldsAsync(() => Task.FromResult(_shared.Keys == 0));
}
