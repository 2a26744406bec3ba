using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Matching;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Clearing;

public sealed class ClearingWorkerTests : IAsyncLifetime
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
    public async Task Epoch_is_cleared_at_its_end_and_settled_by_the_chain()
    {
        var (ask, bid) = await TradeAsync(1_000, 2_000_000, 3_000_000);
        _world.Time.Advance(QuarterHour - TimeSpan.FromTicks(1));
        await _world.RunAsync();
        (await EpochAsync()).Status.ShouldBe("active");

        await _world.AdvanceAsync(TimeSpan.FromTicks(1));
        (await EpochAsync())
            .ShouldBe(new Epoch("cleared", 2_000_000, 1_000, 1, 2_000_000, 2_000_000, 1_000_000, 1_000_000, 1_000));
        var settlement = await SettlementAsync();
        settlement.ShouldBe(new Settlement(settlement.Id, 2_000_000, 20_000, "pending", null));
        (await _world.StatusAsync(ask)).ShouldBe("filled");

        _ = await _world.AnswerAsync();
        (await EpochAsync()).Status.ShouldBe("settled");
        settlement = await SettlementAsync();
        settlement.Status.ShouldBe("completed");
        (await _world.OneAsync<string>("select tx_signature from matches")).ShouldBe(settlement.TxSignature);
        (await _world.StatusAsync(ask)).ShouldBe("settled");
        (await _world.StatusAsync(bid)).ShouldBe("settled");
        _world.Chain[_anna.Wallet].ShouldBe((9_000, 1_980_000));
        _world.Chain[_boon.Wallet].ShouldBe((1_000, 48_000_000));
        _world.Chain.FeesUgrx.ShouldBe(20_000);
    }

    [Fact]
    public async Task Two_workers_at_once_clear_an_epoch_once()
    {
        for (var i = 0; i < 10; i++)
        {
            _ = await TradeAsync(100, 2_000_000, 2_000_000);
        }

        _world.Time.Advance(QuarterHour);
        await using var other = _world.OtherDatabase();
        _ = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(
            () => (i % 2 == 0 ? _world.Clearing : _world.ClearingOn(other)).RunOnceAsync(CancellationToken.None))));
        (await _world.CountAsync("settlements")).ShouldBe(10);
        (await _world.OneAsync<long>("select count(*) from chain_outbox where kind = 'settle_trade'")).ShouldBe(10);
        (await EpochAsync()).Trades.ShouldBe(10);
    }

    [Fact]
    public async Task Match_under_way_at_the_end_of_the_epoch_is_cleared_with_it()
    {
        var ask = await _world.OrderAsync(await _world.ActiveAskAsync(_anna, 500, 2_000_000));
        var bid = await _world.OrderAsync(await _world.ActiveBidAsync(_boon, 500, 2_000_000));
        var match = new Match(
            bid.Id, ask.Id, new(500), new(2_000_000), new(1_000_000), BuyerShare: new(1_000_000));
        var cycle = MatchCycle.Of("zone-1", _world.Now, [ask, bid], [match]);
        await using var matching = await _world.Database.BeginAsync(CancellationToken.None);
        await ZoneLock.TakeAsync(matching.Transaction, "zone-1", CancellationToken.None);
        await matching.Transaction.ExecuteAsync(
            "select set_config('idle_in_transaction_session_timeout', '0', true)", null, CancellationToken.None);

        _world.Time.Advance(QuarterHour);
        var clearing = Task.Run(() => _world.Clearing.RunOnceAsync(CancellationToken.None));
        await Eventually.HoldsAsync(async () => await _world.OneAsync<long>(
            """
            select count(*) from pg_locks
            where locktype = 'advisory' and not granted and database = (
                select oid from pg_database where datname = current_database())
            """) == 1);
        _ = MatchRecords.Add(matching.Writes, cycle, _world.Rules, []);
        await matching.CommitAsync(CancellationToken.None);
        _ = await clearing;
        (await EpochAsync()).Trades.ShouldBe(1);
        (await _world.CountAsync("settlements")).ShouldBe(1);
    }

    [Fact]
    public async Task Epoch_is_settled_only_with_its_last_settlement()
    {
        _ = await TradeAsync(100, 2_000_000, 2_000_000);
        _ = await TradeAsync(200, 2_500_000, 2_500_000);
        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync(1);
        var cleared = await EpochAsync();
        cleared.Status.ShouldBe("cleared");
        cleared.ClearingPrice.ShouldBe(2_333_333);
        (cleared.HighPrice, cleared.LowPrice).ShouldBe((2_500_000, 2_000_000));
        _ = await _world.AnswerAsync();
        (await EpochAsync()).Status.ShouldBe("settled");
    }

    [Fact]
    public async Task Settlement_that_is_parked_waits_until_it_is_sent_again()
    {
        var (ask, _) = await TradeAsync(100, 2_000_000, 2_000_000);
        await _world.AdvanceAsync(QuarterHour);
        _world.Chain.Refuse = static intent => intent is SettleTrade ? "frozen account" : null;
        _ = await _world.AnswerAsync();
        (await SettlementAsync()).Status.ShouldBe("pending");
        (await EpochAsync()).Status.ShouldBe("cleared");
        (await _world.OneAsync<string>("select status from chain_outbox where kind = 'settle_trade'"))
            .ShouldBe("parked");

        _world.Chain.Refuse = static _ => null;
        await using (var connection = await _world.Database.OpenConnectionAsync())
        {
            _ = await Dapper.SqlMapper.ExecuteAsync(
                connection, "update chain_outbox set status = 'pending', attempts = 0 where status = 'parked'");
        }

        _ = await _world.AnswerAsync();
        (await SettlementAsync()).Status.ShouldBe("completed");
        (await EpochAsync()).Status.ShouldBe("settled");
        (await _world.StatusAsync(ask)).ShouldBe("settled");
    }

    [Fact]
    public async Task Order_that_trades_in_two_epochs_is_settled_after_both()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        _ = await _world.ActiveBidAsync(_boon, 400, 2_000_000);
        _ = await _world.MatchAsync();
        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync();
        (await _world.StatusAsync(ask)).ShouldBe("partially_filled");
        _ = await _world.ActiveBidAsync(_boon, 600, 2_000_000);
        _ = await _world.MatchAsync();
        (await _world.StatusAsync(ask)).ShouldBe("filled");
        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync();
        (await _world.StatusAsync(ask)).ShouldBe("settled");
        (await _world.QueryAsync<long>("select volume_wh from epochs where trades > 0 order by number"))
            .ShouldBe([400, 600]);
    }

    [Fact]
    public async Task Of_epochs_that_ended_together_those_before_one_that_cannot_be_cleared_are_cleared()
    {
        for (var epoch = 0; epoch < 3; epoch++)
        {
            _ = await _world.ActiveAskAsync(_anna, 100, 2_000_000);
            _ = await _world.ActiveBidAsync(_boon, 100, 2_000_000);
            _ = await _world.MatchAsync();
            _world.Time.Advance(QuarterHour);
        }

        var last = (await _world.QueryAsync<long>("select max(epoch) from matches")).ShouldHaveSingleItem();
        await _world.ExecuteAsync(
            $$"""
            create function refuse() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$;
            create trigger refuse before insert on settlements
            for each row when (new.epoch = {{last}}) execute function refuse()
            """);
        _ = await Should.ThrowAsync<ZonesFailedException>(_world.Clearing.RunOnceAsync(CancellationToken.None));
        (await VolumesAsync()).ShouldBe([100, 100]);

        await _world.ExecuteAsync("drop trigger refuse on settlements");
        _ = await _world.Clearing.RunOnceAsync(CancellationToken.None);
        (await VolumesAsync()).ShouldBe([100, 100, 100]);
        (await _world.QueryAsync<long>("select epoch from settlements order by number")).ShouldBeInOrder();
    }

    [Fact]
    public async Task Fairness_counts_the_orders_that_were_live_and_what_was_left_of_them()
    {
        // Crosses nothing, but would have with the bid that came after it had expired.
        _ = await _world.ActiveAskAsync(_anna, 500, 1_000_000, TimeSpan.FromMinutes(3));
        await _world.AdvanceAsync(TimeSpan.FromMinutes(5));
        _ = await _world.ActiveBidAsync(_boon, 800, 3_000_000);
        _ = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        await _world.RunAsync();
        await _world.AdvanceAsync(TimeSpan.FromMinutes(10));

        // 800 Wh traded at 2; possible were 500 Wh from 1 and 300 Wh from 2.
        var first = await EpochAsync();
        first.WelfareUgrx.ShouldBe(800 * 1_000);
        first.WelfareMaxUgrx.ShouldBe((500 * 2_000) + (300 * 1_000));
        first.VolumeMaxWh.ShouldBe(800);
        (await _world.OneAsync<long>("select open_interest_wh from epochs where number = 202606011200")).ShouldBe(200);

        // The ask has 200 Wh left in the second epoch, and that is all it can bring.
        _ = await _world.ActiveBidAsync(_boon, 5_000, 2_000_000);
        await _world.RunAsync();
        await _world.AdvanceAsync(QuarterHour);
        (await _world.OneAsync<(long, long)>(
            "select volume_wh, volume_max_wh from epochs where number = 202606011215")).ShouldBe((200, 200));
    }

    private async Task<(Guid Ask, Guid Bid)> TradeAsync(long wh, long askPrice, long bidPrice)
    {
        var ask = await _world.ActiveAskAsync(_anna, wh, askPrice);
        var bid = await _world.ActiveBidAsync(_boon, wh, bidPrice);
        (await _world.MatchAsync()).ShouldBe(1);
        return (ask, bid);
    }

    private Task<Epoch> EpochAsync() => _world.OneAsync<Epoch>(
        """
        select status, clearing_price, volume_wh, trades, high_price, low_price, welfare_ugrx, welfare_max_ugrx,
               volume_max_wh
        from epochs where number = 202606011200
        """);

    private Task<Settlement> SettlementAsync() => _world.OneAsync<Settlement>(
        "select id, value_ugrx, fee_ugrx, status, tx_signature from settlements");

    private Task<IReadOnlyList<long>> VolumesAsync() =>
        _world.QueryAsync<long>("select volume_wh from epochs where trades > 0 order by number");

    private sealed record Epoch(
        string Status,
        long? ClearingPrice,
        long VolumeWh,
        int Trades,
        long? HighPrice,
        long? LowPrice,
        long WelfareUgrx,
        long WelfareMaxUgrx,
        long VolumeMaxWh);

    private sealed record Settlement(
        Guid Id, long ValueUgrx, long FeeUgrx, string Status, string? TxSignature);
}
