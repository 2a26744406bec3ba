using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Tests.Storage;

public sealed class SharedReadsTests
{
    private readonly List<TaskCompletionSource<int>> _reads = [];
    private readonly SteppedTime _clock = new(CloudHost.Noon);
    private readonly SharedReads<string, int> _shared;

    public SharedReadsTests() => _shared = new SharedReads<string, int>(BeginAsync, _clock, TimeSpan.Zero);

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

    [Fact]
    public async Task With_a_lifetime_an_answer_serves_all_who_ask_until_it_is_over()
    {
        var kept = new SharedReads<string, int>(BeginAsync, _clock, TimeSpan.FromSeconds(1));
        var first = kept.ReadAsync("a");
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        var second = kept.ReadAsync("a");
        _reads[0].SetResult(1);
        (await first, await second, await kept.ReadAsync("a")).ShouldBe((1, 1, 1));
        _reads.Count.ShouldBe(1);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var third = kept.ReadAsync("a");
        await ReadsAsync(2);
        _reads[1].SetException(new InvalidOperationException("once"));
        _ = await Should.ThrowAsync<InvalidOperationException>(() => third);
        var fourth = kept.ReadAsync("a");
        await ReadsAsync(3);
        _reads[2].SetResult(4);
        (await fourth).ShouldBe(4);
    }

    [Fact]
    public async Task A_read_that_outlasts_the_lifetime_is_not_joined_but_waited_for()
    {
        var kept = new SharedReads<string, int>(BeginAsync, _clock, TimeSpan.FromSeconds(1));
        var first = kept.ReadAsync("a");
        _clock.Advance(TimeSpan.FromSeconds(1));
        var second = kept.ReadAsync("a");
        _reads.Count.ShouldBe(1);
        _reads[0].SetResult(1);
        (await first).ShouldBe(1);
        await ReadsAsync(2);
        _reads[1].SetResult(2);
        (await second).ShouldBe(2);
    }

    private Task<int> BeginAsync(string key)
    {
        var read = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_reads)
        {
            _reads.Add(read);
        }

        return read.Task;
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
