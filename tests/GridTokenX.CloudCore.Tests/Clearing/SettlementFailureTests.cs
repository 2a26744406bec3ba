using GridTokenX.CloudCore.Report;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Programs.Events;

namespace GridTokenX.CloudCore.Tests.Clearing;

/// <summary>
/// An owner may always take an order back on chain. What was matched then cannot be settled: nobody loses anything, and
/// nothing is settled twice.
/// </summary>
public sealed class SettlementFailureTests : IAsyncLifetime
{
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);

    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync();
        _anna = await _world.TraderAsync(wh: 10_000, ugrx: 0);
        _boon = await _world.TraderAsync(wh: 0, ugrx: 50_000_000);
        await _world.RunAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Owner_who_cancels_on_chain_leaves_the_book()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        await CloseAsync(_anna, ask, OrderClosingReason.Cancelled);
        var view = (await _world.OrderAsync(ask)).ToView();
        (view.Status, view.Reason).ShouldBe(("cancelled", "cancelled_on_chain"));
        _ = await _world.ActiveBidAsync(_boon, 1_000, 2_000_000);
        (await _world.MatchAsync()).ShouldBe(0);
        await EverythingIsBackAsync();
    }

    [Fact]
    public async Task Order_that_somebody_expired_on_chain_leaves_the_book()
    {
        var bid = await _world.ActiveBidAsync(_boon, 1_000, 2_000_000);
        await CloseAsync(_boon, bid, OrderClosingReason.Expired);
        var view = (await _world.OrderAsync(bid)).ToView();
        (view.Status, view.Reason).ShouldBe(("expired", "expired_on_chain"));
        await EverythingIsBackAsync();
    }

    [Fact]
    public async Task Match_whose_seller_has_gone_fails_and_everything_comes_back()
    {
        var (ask, bid) = await MatchedAsync(askWh: 1_000, bidWh: 1_000);
        await CloseAsync(_anna, ask, OrderClosingReason.Cancelled);
        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync();

        (await SettlementAsync()).ShouldBe(("failed", "order_not_active"));
        (await EpochStatusAsync()).ShouldBe("settled");
        foreach (var order in (Guid[])[ask, bid])
        {
            var view = (await _world.OrderAsync(order)).ToView();
            (view.Status, view.Reason).ShouldBe(("cancelled", "settlement_failed"));
        }

        await EverythingIsBackAsync();
        var report = await new OperatorReportQuery(_world.Database, _world.Time).ReadAsync(CancellationToken.None);
        (report.Settlements.Failed, report.Settlements.Completed, report.Settlements.Pending).ShouldBe((1, 0, 0));
        var trade = (await new TradeHistoryQuery(_world.Database).ReadAsync(
            _boon.Id, long.MaxValue, 10, CancellationToken.None)).Trades.ShouldHaveSingleItem();
        (trade.Status, trade.TxSignature).ShouldBe(("failed", $"failed_{trade.MatchId}"));
    }

    [Fact]
    public async Task Failed_energy_is_not_matched_again_and_comes_back_with_the_rest()
    {
        var (ask, bid) = await MatchedAsync(askWh: 1_000, bidWh: 400);
        await CloseAsync(_boon, bid, OrderClosingReason.Cancelled);
        await _world.AdvanceAsync(QuarterHour - TimeSpan.FromMinutes(1));
        await _world.AdvanceAsync(TimeSpan.FromMinutes(1));
        _ = await _world.AnswerAsync();
        (await _world.OrderAsync(ask)).Rest.Value.ShouldBe(600);
        (await _world.StatusAsync(ask)).ShouldBe("partially_filled");

        // The rest goes on trading, and is settled.
        _ = await _world.ActiveBidAsync(_boon, 250, 2_000_000);
        (await _world.MatchAsync()).ShouldBe(1);
        (await _world.OneAsync<long>("select energy_wh from device_locks")).ShouldBe(250);
        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync();
        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync();

        (await _world.OneAsync<(string, long, long, long)>(
            "select status, filled_wh, settled_wh, failed_wh from orders where id = @ask", new { ask }))
            .ShouldBe(("expired", 650, 250, 400));
        _world.Chain[_anna.Wallet].ShouldBe((9_750, 495_000));
        (_world.Chain.EscrowWh, _world.Chain.EscrowUgrx, _world.Chain.OpenOrders).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task Cancelled_order_waits_with_its_release_for_its_matches()
    {
        var (ask, _) = await MatchedAsync(askWh: 1_000, bidWh: 400);
        _ = await _world.CancelAsync(_anna, ask);
        _ = await _world.AnswerAsync();
        (await _world.OrderAsync(ask)).Escrow.ShouldBe("held");
        _world.Chain.EscrowWh.ShouldBe(1_000);

        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync();
        (await _world.OrderAsync(ask)).Escrow.ShouldBe("closed");
        _world.Chain[_anna.Wallet].ShouldBe((9_600, 792_000));
        (await _world.OneAsync<long>("select count(*) from chain_outbox where kind = 'release_order'")).ShouldBe(1);
    }

    [Fact]
    public async Task Owner_who_is_faster_than_our_release_changes_nothing()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        _ = await _world.CancelAsync(_anna, ask);
        await CloseAsync(_anna, ask, OrderClosingReason.Cancelled);
        _ = await _world.AnswerAsync();
        (await _world.OrderAsync(ask)).Escrow.ShouldBe("closed");
        (await _world.OneAsync<string>("select status from chain_outbox where kind = 'release_order'"))
            .ShouldBe("confirmed");
        await EverythingIsBackAsync();
    }

    [Fact]
    public async Task Settlement_that_was_given_up_and_went_through_all_the_same_counts_once()
    {
        var (ask, bid) = await MatchedAsync(askWh: 1_000, bidWh: 1_000);
        await _world.AdvanceAsync(QuarterHour);
        var row = (await _world.OpenRowsAsync()).ShouldHaveSingleItem();
        await using (var unit = await CloudCore.Storage.Database.BeginAsync(_world.Database, CancellationToken.None))
        {
            (await CloudCore.Clearing.SettlementRecords.FailAsync(
                unit.Transaction, _world.Outbox, row.IntentId, "order_expired", _world.Now, CancellationToken.None))
                .ShouldBeTrue();
            await unit.CommitAsync(CancellationToken.None);
        }

        var executed = _world.Chain.Execute(row.Intent!).Events.ShouldHaveSingleItem();
        await _world.HappenedAsync(executed);
        await _world.HappenedAsync(executed);
        (await SettlementAsync()).ShouldBe(("completed", null));
        foreach (var order in (Guid[])[ask, bid])
        {
            (await _world.OneAsync<(string, long, long)>(
                "select status, settled_wh, failed_wh from orders where id = @order", new { order }))
                .ShouldBe(("settled", 1_000, 0));
        }

        (await EpochStatusAsync()).ShouldBe("settled");
    }

    [Fact]
    public async Task Fee_is_the_lower_one_of_the_market_now_and_when_the_seller_placed_the_order()
    {
        _ = await MatchedAsync(askWh: 1_000, bidWh: 1_000);
        _world.Chain.Info = _world.Chain.Info with { FeeBasisPoints = 50 };
        await _world.AdvanceAsync(QuarterHour);
        (await _world.OneAsync<long>("select fee_ugrx from settlements")).ShouldBe(20_000);
        _ = await _world.AnswerAsync();
        (await _world.OneAsync<long>("select fee_ugrx from settlements")).ShouldBe(10_000);
        _world.Chain.FeesUgrx.ShouldBe(10_000);
    }

    [Fact]
    public async Task Trade_of_other_terms_than_ours_is_passed_over()
    {
        _ = await MatchedAsync(askWh: 1_000, bidWh: 1_000);
        await _world.AdvanceAsync(QuarterHour);
        var row = (await _world.OpenRowsAsync()).ShouldHaveSingleItem();
        var executed = (TradeExecuted)_world.Chain.Execute(row.Intent!).Events[0];
        await _world.HappenedAsync(executed with { Amount = executed.Amount - 1 });
        await _world.HappenedAsync(executed with { SettlementId = executed.SettlementId + 1 });
        (await SettlementAsync()).ShouldBe(("pending", null));
    }

    private async Task<(Guid Ask, Guid Bid)> MatchedAsync(long askWh, long bidWh)
    {
        var ask = await _world.ActiveAskAsync(_anna, askWh, 2_000_000, TimeSpan.FromMinutes(35));
        var bid = await _world.ActiveBidAsync(_boon, bidWh, 2_000_000);
        (await _world.MatchAsync()).ShouldBe(1);
        return (ask, bid);
    }

    private async Task CloseAsync(Trader trader, Guid order, OrderClosingReason reason)
    {
        var row = await _world.OrderAsync(order);
        await _world.HappenedAsync(_world.Chain.Close(trader.Wallet, (ulong)row.ChainOrderId, reason));
    }

    private Task<(string Status, string? Failure)> SettlementAsync() =>
        _world.OneAsync<(string, string?)>("select status, failure from settlements");

    private Task<string> EpochStatusAsync() =>
        _world.OneAsync<string>("select status from epochs where number = 202606011200");

    private async Task EverythingIsBackAsync()
    {
        await _world.AdvanceAsync(TimeSpan.FromHours(1));
        _ = await _world.AnswerAsync();
        _world.Chain[_anna.Wallet].ShouldBe((10_000, 0));
        _world.Chain[_boon.Wallet].ShouldBe((0, 50_000_000));
        (_world.Chain.EscrowWh, _world.Chain.EscrowUgrx, _world.Chain.OpenOrders).ShouldBe((0, 0, 0));
        (await _world.OneAsync<long>("select count(*) from orders where escrow not in ('closed', 'refused')"))
            .ShouldBe(0);
    }
}
