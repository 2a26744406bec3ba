using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>Several orders of one wallet in one request.</summary>
public sealed class OrderBatchTests : IAsyncLifetime
{
    private MarketWorld _world = null!;
    private Trader _anna = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync();
        _anna = await _world.TraderAsync(wh: 10_000);
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Each_order_has_its_own_result_and_counts_for_those_after_it()
    {
        var outcomes = await _world.SellManyAsync(_anna, [6_000, 5_000, 0, 4_000], 1);

        outcomes.Select(static outcome => outcome.Refusal?.Code)
            .ShouldBe([null, ProblemCodes.InsufficientBalance, ProblemCodes.InvalidAmount, null]);
        (await _world.QueryAsync<long>("select energy_wh from orders order by sequence")).ShouldBe([6_000, 4_000]);
        (await _world.CountAsync("chain_outbox")).ShouldBe(2);
        (await _world.CountAsync("idempotency_keys")).ShouldBe(1);
        _ = await _world.AnswerAsync();
        (await _world.QueryAsync<string>("select distinct status from orders")).ShouldBe(["active"]);
    }

    [Fact]
    public async Task Same_request_again_gets_the_same_results()
    {
        var first = await _world.SellManyAsync(_anna, [6_000, 5_000, 4_000], 1, "key");
        _world.Chain.Give(_anna.Wallet, 100_000, 0);
        var second = await _world.SellManyAsync(_anna, [6_000, 5_000, 4_000], 1, "key");

        second.Select(static outcome => (outcome.Order?.Id, outcome.Refusal?.Code))
            .ShouldBe(first.Select(static outcome => (outcome.Order?.Id, outcome.Refusal?.Code)));
        (await _world.CountAsync("orders")).ShouldBe(2);
    }

    [Fact]
    public async Task Same_request_twice_at_once_makes_its_orders_once()
    {
        var both = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            _world.SellManyAsync(_anna, [1_000, 2_000], 1, "key")));

        both.Select(static outcomes => string.Join(',', outcomes.Select(static outcome => outcome.Order!.Id)))
            .Distinct().ShouldHaveSingleItem();
        (await _world.CountAsync("orders")).ShouldBe(2);
    }

    [Fact]
    public async Task Another_request_with_its_key_is_refused_as_a_whole()
    {
        _ = await _world.SellManyAsync(_anna, [1_000, 2_000], 1, "key");
        var other = await _world.SellManyAsync(_anna, [1_000, 2_000, 3_000], 1, "key");
        var single = await _world.SellAsync(_anna, 1_000, 1, key: "key");

        other.ShouldHaveSingleItem().Refusal!.Code.ShouldBe(ProblemCodes.IdempotencyKeyReused);
        single.Refusal!.Code.ShouldBe(ProblemCodes.IdempotencyKeyReused);
        (await _world.CountAsync("orders")).ShouldBe(2);
    }

    [Fact]
    public async Task Request_of_which_nothing_was_taken_may_be_tried_again()
    {
        var refused = await _world.SellManyAsync(_anna, [20_000, 30_000], 1, "key");
        refused.ShouldAllBe(static outcome => outcome.Refusal!.Code == ProblemCodes.InsufficientBalance);
        (await _world.CountAsync("idempotency_keys")).ShouldBe(0);

        _world.Chain.Give(_anna.Wallet, 100_000, 0);
        var taken = await _world.SellManyAsync(_anna, [20_000, 30_000], 1, "key");
        taken.ShouldAllBe(static outcome => outcome.Order != null);
    }

    [Fact]
    public async Task Orders_beyond_the_number_of_open_ones_are_refused()
    {
        var strict = _world.PlacementOn(new TradingOptions { MaxOpenOrders = 3 });
        var outcomes = await strict.CreateAsync(
            [.. Enumerable.Range(1, 5).Select(wh => MarketWorld.Request(_anna, wh, 1, sell: true))],
            _world.Signed(_anna, null, "five"),
            CancellationToken.None);

        outcomes.Select(static outcome => outcome.Refusal?.Code)
            .ShouldBe([null, null, null, ProblemCodes.TooManyOrders, ProblemCodes.TooManyOrders]);
    }
}
