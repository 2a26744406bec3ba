using GridTokenX.Solana.Sending;

namespace GridTokenX.Solana.Tests.Rpc;

public sealed class BatchedLookupTests
{
    [Fact]
    public async Task Questions_asked_while_a_request_is_under_way_go_out_together()
    {
        var first = new TaskCompletionSource();
        var sizes = new List<int>();
        var lookup = new BatchedLookup<int, int>(async keys =>
        {
            sizes.Add(keys.Count);
            await first.Task;
            return [.. keys.Select(key => key * 2)];
        });

        var answers = Enumerable.Range(0, 201).Select(lookup.GetAsync).ToList();
        first.SetResult();
        (await Task.WhenAll(answers)).ShouldBe(Enumerable.Range(0, 201).Select(key => key * 2));
        sizes.ShouldBe([1, 200]);
    }

    [Fact]
    public async Task A_fault_goes_to_everyone_who_asked_and_the_next_question_is_asked_anew()
    {
        var calls = 0;
        var lookup = new BatchedLookup<int, int>(keys => ++calls == 1
            ? Task.FromException<IReadOnlyList<int>>(new IOException("gone"))
            : Task.FromResult<IReadOnlyList<int>>([.. keys]));
        await Should.ThrowAsync<IOException>(() => lookup.GetAsync(1));
        (await lookup.GetAsync(2)).ShouldBe(2);
    }
}
