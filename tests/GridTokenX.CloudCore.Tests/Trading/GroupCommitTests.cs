using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Tests.Trading;

public sealed class GroupCommitTests
{
    [Fact]
    public async Task Requests_that_come_while_a_group_is_written_make_up_the_next_one()
    {
        var gate = new TaskCompletionSource();
        List<int> sizes = [];
        var groups = new GroupCommit<int, int>(
            async requests =>
            {
                sizes.Add(requests.Count);
                await gate.Task;
                return [.. requests.Select(static request => new Func<int>(() => request * 2))];
            },
            maxGroup: 4,
            maxGroups: 1,
            capacity: 100);
        var answers = Enumerable.Range(0, 10).Select(i => Add(groups, i)).ToList();
        gate.SetResult();
        (await Task.WhenAll(answers)).ShouldBe(Enumerable.Range(0, 10).Select(static i => i * 2));
        sizes.Sum().ShouldBe(10);
        sizes.Max().ShouldBeLessThanOrEqualTo(4);
        sizes.Count.ShouldBeLessThan(10);
    }

    [Fact]
    public async Task More_than_the_queue_holds_are_turned_away()
    {
        var gate = new TaskCompletionSource();
        var began = new TaskCompletionSource();
        var groups = new GroupCommit<int, int>(
            async requests =>
            {
                _ = began.TrySetResult();
                await gate.Task;
                return [.. requests.Select(static request => new Func<int>(() => request))];
            },
            maxGroup: 1,
            maxGroups: 1,
            capacity: 2);
        var first = Add(groups, 1);
        await began.Task;
        var (second, third) = (Add(groups, 2), Add(groups, 3));
        groups.TryAdd(4, out _).ShouldBeFalse();
        gate.SetResult();
        (await Task.WhenAll(first, second, third)).ShouldBe([1, 2, 3]);
        (await Add(groups, 5)).ShouldBe(5);
    }

    [Fact]
    public async Task Failure_of_one_request_is_its_own()
    {
        var groups = new GroupCommit<int, int>(
            static requests => Task.FromResult<IReadOnlyList<Func<int>>>([.. requests.Select(static request =>
                new Func<int>(() => request == 0 ? throw new TimeoutException() : request))]),
            maxGroup: 4,
            maxGroups: 1,
            capacity: 4);
        _ = await Should.ThrowAsync<TimeoutException>(() => Add(groups, 0));
        (await Add(groups, 1)).ShouldBe(1);
    }

    [Fact]
    public async Task Orders_of_many_people_at_once_are_checked_each_by_its_own()
    {
        await using var world = await MarketWorld.StartAsync();
        List<Trader> traders = [];
        for (var i = 0; i < 20; i++)
        {
            traders.Add(await world.TraderAsync(wh: i % 2 == 0 ? 10_000 : 0, verified: i % 5 != 0));
        }

        var outcomes = await Task.WhenAll(traders.SelectMany(trader => (Task<OrderOutcome>[])
            [world.SellAsync(trader, 6_000, 1), world.SellAsync(trader, 6_000, 2), world.BuyAsync(trader, 1_000,
                1_000)]));
        for (var i = 0; i < traders.Count; i++)
        {
            var codes = outcomes.Skip(3 * i).Take(3).Select(static outcome => outcome.Refusal?.Code).ToList();
            if (i % 5 == 0)
            {
                codes.ShouldAllBe(static code => code == ProblemCodes.UserNotVerified);
            }
            else
            {
                codes[2].ShouldBeNull();
                codes.Take(2).Count(static code => code is null).ShouldBe(i % 2 == 0 ? 1 : 0);
            }
        }

        var taken = outcomes.Where(static outcome => outcome.Order is not null).ToList();
        (await world.CountAsync("orders")).ShouldBe(taken.Count);
        (await world.CountAsync("idempotency_keys")).ShouldBe(taken.Count);
        (await world.CountAsync("chain_outbox")).ShouldBe(taken.Count);
        foreach (var outcome in taken)
        {
            outcome.Order.ShouldBe(await world.OrderAsync(outcome.Order!.Id));
        }
    }

    [Fact]
    public async Task Remembered_balance_never_refuses_and_the_chain_refuses_what_it_let_pass()
    {
        await using var world = await MarketWorld.StartAsync();
        var trader = await world.TraderAsync(wh: 1_000);
        _ = (await world.SellAsync(trader, 1, 1)).Order.ShouldNotBeNull();

        // More than is remembered: the chain is asked.
        world.Chain.Give(trader.Wallet, 1_000, 0);
        _ = (await world.SellAsync(trader, 1_500, 1)).Order.ShouldNotBeNull();

        // Less than is remembered: the chain refuses it, and takes nothing.
        world.Chain.Give(trader.Wallet, -2_000, 0);
        _ = await world.SellAsync(trader, 400, 1);
        _ = await world.AnswerAsync();
        (await world.QueryAsync<string>("select distinct status from orders")).ShouldBe(["rejected"]);
        world.Chain.EscrowWh.ShouldBe(0);
    }

    private static Task<int> Add(GroupCommit<int, int> groups, int request)
    {
        groups.TryAdd(request, out var answer).ShouldBeTrue();
        return answer;
    }
}
