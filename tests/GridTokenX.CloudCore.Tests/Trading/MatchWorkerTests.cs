using GridTokenX.Market.Clearing;

namespace GridTokenX.CloudCore.Tests.Trading;

public sealed class MatchWorkerTests : IAsyncLifetime
{
    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync();
        _anna = await _world.TraderAsync();
        _boon = await _world.TraderAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Match_is_written_with_all_its_effects()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_003);
        var bid = await _world.ActiveBidAsync(_boon, 333, 3_000_001);
        (await _world.MatchAsync()).ShouldBe(1);

        var match = (await _world.QueryAsync<Row>(
            """
            select id, epoch, buy_order, sell_order, energy_wh, price, value_ugrx, buyer_share_ugrx, tx_signature
            from matches
            """)).ShouldHaveSingleItem();
        match.ShouldBe(new Row(
            match.Id,
            MarketEpoch.At(_world.Now).Number,
            bid,
            ask,
            333,
            2_000_003,
            333L * 2_000_003 / 1_000,
            333L * 3_000_001 / 1_000,
            $"pending_{match.Id}"));
        (await _world.StatusAsync(bid)).ShouldBe("filled");
        (await _world.StatusAsync(ask)).ShouldBe("partially_filled");
        (await _world.OneAsync<(string, long, DateTimeOffset)>(
            "select status, energy_wh, expires_at from device_locks"))
            .ShouldBe(("queued", 333L, CloudHost.Noon.AddMinutes(45)));
        (await _world.MatchAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Lock_of_a_sell_order_grows_with_its_matches()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 1_000_000);
        _ = await _world.ActiveBidAsync(_boon, 300, 1_000_000);
        _ = await _world.MatchAsync();
        _world.Time.Advance(TimeSpan.FromMinutes(15));
        _ = await _world.ActiveBidAsync(_boon, 200, 1_000_000);
        _ = await _world.MatchAsync();
        (await _world.OneAsync<(Guid, long, DateTimeOffset)>(
            "select order_id, energy_wh, expires_at from device_locks"))
            .ShouldBe((ask, 500L, CloudHost.Noon.AddMinutes(60)));
    }

    [Fact]
    public async Task Zones_do_not_trade_with_each_other()
    {
        var elsewhere = await _world.TraderAsync("zone-2");
        _ = await _world.ActiveAskAsync(_anna, 1_000, 1_000_000);
        _ = await _world.ActiveBidAsync(elsewhere, 1_000, 2_000_000);
        (await _world.MatchAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Expired_order_is_not_matched_even_before_it_is_closed()
    {
        _ = await _world.ActiveAskAsync(_anna, 1_000, 1_000_000, TimeSpan.FromMinutes(5));
        _ = await _world.ActiveBidAsync(_boon, 1_000, 1_000_000);
        _world.Time.Advance(TimeSpan.FromMinutes(5));
        (await _world.MatchAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task What_a_direct_purchase_does_not_get_goes_back_with_its_settlement()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        var first = (await _world.TakeAsync(_boon, ask, 700)).Order!.Id;
        var second = (await _world.TakeAsync(await _world.TraderAsync(), ask, 700)).Order!.Id;
        _ = await _world.AnswerAsync();
        (await _world.MatchAsync()).ShouldBe(3);
        (await _world.StatusAsync(first)).ShouldBe("filled");
        (await _world.StatusAsync(second)).ShouldBe("cancelled");
        (await _world.OrderAsync(second)).Filled.Value.ShouldBe(300);
        _ = await _world.AnswerAsync();
        _world.Chain.EscrowUgrx.ShouldBe(2_800_000);
        await _world.AdvanceAsync(TimeSpan.FromMinutes(15));
        _ = await _world.AnswerAsync();
        (_world.Chain.EscrowUgrx, _world.Chain.OpenOrders).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Direct_purchase_of_a_cancelled_order_gets_all_back()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        var purchase = (await _world.TakeAsync(_boon, ask)).Order!.Id;
        _ = await _world.CancelAsync(_anna, ask);
        _ = await _world.AnswerAsync();
        (await _world.MatchAsync()).ShouldBe(1);
        _ = await _world.AnswerAsync();
        (await _world.StatusAsync(purchase)).ShouldBe("cancelled");
        _world.Chain.EscrowUgrx.ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_is_added_to_an_epoch_that_is_cleared()
    {
        _ = await _world.ActiveAskAsync(_anna, 1_000, 1_000_000);
        _ = await _world.ActiveBidAsync(_boon, 1_000, 1_000_000);
        var epoch = MarketEpoch.At(_world.Now);
        await using (var connection = await _world.Database.OpenConnectionAsync())
        {
            _ = await Dapper.SqlMapper.ExecuteAsync(
                connection,
                """
                insert into epochs (zone, number, starts_at, ends_at, status)
                values ('zone-1', @Number, @Start, @End, 'settled')
                """,
                new { epoch.Number, epoch.Start, epoch.End });
        }

        (await _world.MatchAsync()).ShouldBe(0);
        (await _world.CountAsync("matches")).ShouldBe(0);
        _world.Time.Advance(TimeSpan.FromMinutes(15));
        (await _world.MatchAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Two_workers_at_once_match_everything_once()
    {
        for (var i = 0; i < 20; i++)
        {
            _ = (await _world.SellAsync(_anna, 100 + i, 1_000_000 + i)).Order.ShouldNotBeNull();
            _ = (await _world.BuyAsync(_boon, 110, 1_000_015)).Order.ShouldNotBeNull();
        }

        _ = await _world.AnswerAsync();
        await using var other = _world.OtherDatabase();
        var second = _world.MatchOn(other);
        _ = await Task.WhenAll(
            Task.Run(() => _world.Match.RunOnceAsync(CancellationToken.None)),
            Task.Run(() => second.RunOnceAsync(CancellationToken.None)));

        var (filled, matched) = await _world.OneAsync<(long, long)>(
            """
            select (select sum(filled_wh)::bigint from orders), (select 2 * sum(energy_wh)::bigint from matches)
            """);
        filled.ShouldBe(matched);

        // Asks up to 1 000 015: sixteen of them, 100 to 115 Wh each, all taken since there is more demand.
        matched.ShouldBe(2 * Enumerable.Range(100, 16).Sum());
    }

    [Fact]
    public async Task Cancelling_while_matching_neither_loses_nor_doubles()
    {
        for (var round = 0; round < 15; round++)
        {
            var ask = await _world.ActiveAskAsync(_anna, 1_000, 1_000_000);
            var bid = await _world.ActiveBidAsync(_boon, 400, 1_000_000);
            _ = await Task.WhenAll(
                Task.Run(() => _world.MatchAsync()),
                Task.Run<int>(async () => (await _world.CancelAsync(_anna, ask)).Order is null ? 0 : 1),
                Task.Run<int>(async () => (await _world.CancelAsync(_boon, bid)).Order is null ? 0 : 1));
            _ = await _world.CancelAsync(_anna, ask);
            _ = await _world.CancelAsync(_boon, bid);
        }

        await _world.AdvanceAsync(TimeSpan.FromHours(1));
        _ = await _world.AnswerAsync();
        _world.Chain.EscrowWh.ShouldBe(0);
        _world.Chain.EscrowUgrx.ShouldBe(0);
    }

    private sealed record Row(
        Guid Id,
        long Epoch,
        Guid BuyOrder,
        Guid SellOrder,
        long EnergyWh,
        long Price,
        long ValueUgrx,
        long BuyerShareUgrx,
        string TxSignature);
}
