using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// Orders end in many ways, often while the chain has not answered yet: nothing is lost, nothing goes back twice.
/// </summary>
public sealed class OrderLifeCycleTests : IAsyncLifetime
{
    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync();
        _anna = await _world.TraderAsync(wh: 10_000, ugrx: 0);
        _boon = await _world.TraderAsync(wh: 0, ugrx: 10_000_000);
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Refused_order_is_rejected_with_the_reason_and_nothing_goes_back()
    {
        var order = (await _world.SellAsync(_anna, 1_000, 1)).Order!.Id;
        _world.Chain.Refuse = static _ => nameof(ProgramError.InsufficientBalance);
        _ = await _world.AnswerAsync();
        var view = (await _world.OrderAsync(order)).ToView();
        (view.Status, view.Reason).ShouldBe(("rejected", "insufficient_balance"));
        (await _world.OrderAsync(order)).Escrow.ShouldBe("refused");
        (await _world.CountAsync("chain_outbox")).ShouldBe(1);
    }

    [Fact]
    public async Task Cancelled_while_pending_gets_all_back_when_the_escrow_arrives()
    {
        var order = (await _world.BuyAsync(_boon, 1_000, 3_000_000)).Order!.Id;
        (await _world.CancelAsync(_boon, order)).Order!.Status.ShouldBe("cancelled");
        (await _world.CountAsync("chain_outbox")).ShouldBe(1);
        await AllBackAsync(order, "cancelled");
    }

    [Fact]
    public async Task Cancelled_while_pending_and_then_refused_stays_cancelled()
    {
        var order = (await _world.SellAsync(_anna, 1_000, 1)).Order!.Id;
        _ = await _world.CancelAsync(_anna, order);
        _world.Chain.Refuse = static intent => intent is PlaceOrder ? Refusals.TransactionExpired : null;
        await AllBackAsync(order, "cancelled");
        (await _world.OrderAsync(order)).Escrow.ShouldBe("refused");
    }

    [Fact]
    public async Task Expired_while_pending_gets_all_back_when_the_escrow_arrives()
    {
        var order = (await _world.SellAsync(_anna, 1_000, 1)).Order!.Id;
        await _world.AdvanceAsync(TimeSpan.FromHours(1));
        (await _world.StatusAsync(order)).ShouldBe("expired");
        await AllBackAsync(order, "expired");
    }

    [Fact]
    public async Task Escrow_that_arrives_after_the_expiry_activates_nothing()
    {
        var order = (await _world.SellAsync(_anna, 1_000, 1)).Order!.Id;
        _world.Time.Advance(TimeSpan.FromHours(1));
        await AllBackAsync(order, "expired");
        (await _world.Expiry.RunOnceAsync(CancellationToken.None)).ShouldBe(0);
    }

    [Fact]
    public async Task Active_order_is_cancelled_once()
    {
        var order = await _world.ActiveAskAsync(_anna, 1_000, 1);
        (await _world.CancelAsync(_anna, order, "k")).Order!.Status.ShouldBe("cancelled");
        (await _world.CancelAsync(_anna, order, "k")).Order!.Status.ShouldBe("cancelled");
        (await _world.CancelAsync(_anna, order)).Refusal!.Code.ShouldBe(ProblemCodes.OrderNotActive);
        await AllBackAsync(order, "cancelled");
        (await _world.CountAsync("chain_outbox")).ShouldBe(2);
    }

    [Fact]
    public async Task Only_the_owner_cancels()
    {
        var order = await _world.ActiveAskAsync(_anna, 1_000, 1);
        (await _world.CancelAsync(_boon, order)).Refusal!.Code.ShouldBe(ProblemCodes.Forbidden);
        (await _world.CancelAsync(_boon, Guid.NewGuid())).Refusal!.Code.ShouldBe(ProblemCodes.UnknownOrder);
        (await _world.StatusAsync(order)).ShouldBe("active");
    }

    [Fact]
    public async Task Key_of_another_cancellation_is_refused()
    {
        var first = await _world.ActiveAskAsync(_anna, 1_000, 1);
        var second = await _world.ActiveAskAsync(_anna, 1_000, 1);
        _ = await _world.CancelAsync(_anna, first, "k");
        (await _world.CancelAsync(_anna, second, "k")).Refusal!.Code.ShouldBe(ProblemCodes.IdempotencyKeyReused);
        (await _world.StatusAsync(second)).ShouldBe("active");
    }

    [Fact]
    public async Task Cancelled_many_times_at_once_gets_back_once()
    {
        var order = await _world.ActiveAskAsync(_anna, 1_000, 1);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _world.CancelAsync(_anna, order)));
        outcomes.Count(static outcome => outcome.Order is not null).ShouldBe(1);
        await AllBackAsync(order, "cancelled");
    }

    [Fact]
    public async Task Filled_order_is_not_cancelled()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        _ = await _world.ActiveBidAsync(_boon, 1_000, 3_000_000);
        _ = await _world.MatchAsync();
        (await _world.CancelAsync(_anna, ask)).Refusal!.Code.ShouldBe(ProblemCodes.OrderNotActive);
        (await _world.StatusAsync(ask)).ShouldBe("filled");
    }

    [Fact]
    public async Task Cancelled_after_a_partial_fill_gets_back_what_the_fill_did_not_use()
    {
        _ = await _world.ActiveAskAsync(_anna, 333, 2_000_003);
        var bid = await _world.ActiveBidAsync(_boon, 1_000, 3_000_001);
        _ = await _world.MatchAsync();
        (await _world.StatusAsync(bid)).ShouldBe("partially_filled");
        _ = await _world.CancelAsync(_boon, bid);
        _ = await _world.AnswerAsync();

        // The match is settled out of it first.
        _world.Chain.EscrowUgrx.ShouldBe(1_000L * 3_000_001 / 1_000);
        await _world.AdvanceAsync(TimeSpan.FromMinutes(15));
        _ = await _world.AnswerAsync();
        _world.Chain.EscrowUgrx.ShouldBe(0);
        _world.Chain[_boon.Wallet].ShouldBe((333, 10_000_000 - (333L * 2_000_003 / 1_000)));
        (await _world.StatusAsync(bid)).ShouldBe("cancelled");
        (await _world.OneAsync<long>("select settled_wh from orders where id = @bid", new { bid })).ShouldBe(333);
    }

    [Fact]
    public async Task Two_expiry_workers_at_once_give_back_once()
    {
        for (var i = 0; i < 40; i++)
        {
            _ = (await _world.SellAsync(_anna, 100, 1)).Order.ShouldNotBeNull();
        }

        _ = await _world.AnswerAsync();
        _world.Time.Advance(TimeSpan.FromHours(1));
        await using var other = _world.OtherDatabase();
        var second = new CloudCore.Trading.ExpiryWorker(
            other, _world.Outbox, _world.MarketsOn(other), _world.Time);
        var done = await Task.WhenAll(
            _world.Expiry.RunOnceAsync(CancellationToken.None), second.RunOnceAsync(CancellationToken.None));
        done.Sum().ShouldBe(40);
        _ = await _world.AnswerAsync();
        _world.Chain[_anna.Wallet].Wh.ShouldBe(10_000);
        _world.Chain.EscrowWh.ShouldBe(0);
    }

    private async Task AllBackAsync(Guid order, string status)
    {
        _ = await _world.AnswerAsync();
        (await _world.StatusAsync(order)).ShouldBe(status);
        _world.Chain[_anna.Wallet].Wh.ShouldBe(10_000);
        _world.Chain[_boon.Wallet].Ugrx.ShouldBe(10_000_000);
        _world.Chain.EscrowWh.ShouldBe(0);
        _world.Chain.EscrowUgrx.ShouldBe(0);
    }
}
