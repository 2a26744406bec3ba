using GridTokenX.CloudCore.Effects;
using GridTokenX.CloudCore.Report;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Tests.Effects;

public sealed class YieldWorkerTests : IAsyncLifetime
{
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);

    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync();
        _anna = await _world.TraderAsync(wh: 100_000, ugrx: 0);
        _boon = await _world.TraderAsync(wh: 0, ugrx: 900_000_000);
        await _world.RunAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Yields_are_set_aside_out_of_fees_the_oldest_first_and_never_more_than_there_are()
    {
        // 20 GRX: a fee of 0.2, a pool yield of 0.5 and a seller's of 1 a year.
        await SettledAsync(10_000, 2_000_000);
        await _world.AdvanceAsync(TimeSpan.FromDays(73));
        (await AllottedAsync()).ShouldBe(200_000);

        // The seller's yield is the older claim: a fifth of the year's, less the part of the day, is covered in full.
        var seller = await _world.OneAsync<long>("select allotted_ugrx from yields where kind = 'seller'");
        seller.ShouldBeInRange(196_000, 200_000);
        (await _world.OneAsync<long>("select allotted_ugrx from yields where kind = 'pool'"))
            .ShouldBe(200_000 - seller);

        var effects = (await ReportAsync()).Effects;
        effects.YieldAllottedUgrx.ShouldBe(200_000);
        effects.YieldPayableUgrx.ShouldBe(0);
        effects.YieldUnfundedUgrx.ShouldBe(effects.YieldAccruedUgrx - 200_000);
        effects.YieldUnfundedUgrx.ShouldBeGreaterThan(490_000);

        // New fees go to what has waited longest.
        await SettledAsync(10_000, 2_000_000);
        await _world.AdvanceAsync(TimeSpan.FromDays(1));
        (await AllottedAsync()).ShouldBe(400_000);
        (await _world.OneAsync<long>("select count(*) from yields where match_id = (select id from matches "
            + "order by sequence desc limit 1) and allotted_ugrx > 0")).ShouldBe(0);
    }

    [Fact]
    public async Task Seller_yields_five_percent_of_the_value_in_a_year_and_no_more_after_it()
    {
        await SettledAsync(10_000, 2_000_000);
        _world.Time.Advance(TimeSpan.FromDays(400));
        var view = await new EffectQueries(_world.Database).YieldsAsync(
            _anna.Id, long.MaxValue, 10, _world.Now, CancellationToken.None);
        (view.AccruedGrx, view.AllottedGrx, view.WaitingGrx).ShouldBe((1m, 0m, 1m));
        var entry = view.Yields.ShouldHaveSingleItem();
        (entry.YearlyGrx, entry.MostGrx, entry.AccruedGrx, entry.Status).ShouldBe((1m, 1m, 1m, "accruing"));
    }

    [Fact]
    public async Task Sum_in_the_database_accrues_as_the_market_library_does()
    {
        await SettledAsync(7_777, 2_345_678);
        var yearly = await _world.OneAsync<long>("select amount_ugrx from yields where kind = 'seller'");
        var from = await _world.OneAsync<DateTimeOffset>("select accrues_from from yields where kind = 'seller'");
        for (var minutes = 1; minutes < 600_000; minutes *= 3)
        {
            var elapsed = TimeSpan.FromMinutes(minutes) + TimeSpan.FromMicroseconds(minutes);
            var view = await new EffectQueries(_world.Database).YieldsAsync(
                _anna.Id, long.MaxValue, 10, from + elapsed, CancellationToken.None);
            var expected = Math.Min(
                yearly, GridTokenX.Market.Effects.YieldLedger.AccruedAfter(new(yearly), elapsed).Value);
            view.AccruedGrx.ShouldBe(expected / 1_000_000m);
        }
    }

    [Fact]
    public async Task Round_goes_on_where_it_was_and_pays_nobody_twice()
    {
        // 260 × (5 000 at once + 13 of the half day until midnight) are claimed.
        await CopiesAsync(fee: 6_000);
        (await _world.OneAsync<long>("select count(*) from yields where status = 'accruing'")).ShouldBe(520);
        _world.Time.Advance(TimeSpan.FromDays(1));
        (await _world.Yields.RunOnceAsync(CancellationToken.None)).ShouldBe(500);

        // Another process goes on: two at once.
        await using var other = _world.OtherDatabase();
        var second = new YieldWorker(other, _world.Rules, _world.Time);
        var rest = await Task.WhenAll(
            Task.Run(() => second.RunOnceAsync(CancellationToken.None)),
            Task.Run(() => _world.Yields.RunOnceAsync(CancellationToken.None)));
        rest.Sum().ShouldBe(20);
        (await _world.Yields.RunOnceAsync(CancellationToken.None)).ShouldBe(0);
        (await SumsAsync()).ShouldBe((260 * 5_013, 260 * 5_013));
    }

    [Fact]
    public async Task Round_ends_with_the_fees_and_reads_no_more()
    {
        await CopiesAsync(fee: 2_000);
        _world.Time.Advance(TimeSpan.FromDays(1));
        (await _world.Yields.RunOnceAsync(CancellationToken.None)).ShouldBe(500);
        (await _world.Yields.RunOnceAsync(CancellationToken.None)).ShouldBe(0);
        (await SumsAsync()).ShouldBe((260 * 2_000, 260 * 2_000));

        // What comes in meanwhile is for the next round, which begins with what has waited longest.
        await _world.ExecuteAsync(
            "update settlements set fee_ugrx = 12000 where id = (select id from settlements limit 1)");
        (await _world.Yields.RunOnceAsync(CancellationToken.None)).ShouldBe(0);
        _world.Time.Advance(TimeSpan.FromDays(1));
        (await _world.Yields.RunOnceAsync(CancellationToken.None)).ShouldBeInRange(1, 500);
        (await SumsAsync()).ShouldBe(((260 * 2_000) + 10_000, (260 * 2_000) + 10_000));
        (await _world.OneAsync<long>("select allotted_ugrx from yields where kind = 'seller' order by id limit 1"))
            .ShouldBe(40);
    }

    private Task<(long ByYield, long ByOwner)> SumsAsync() => _world.OneAsync<(long, long)>(
        """
        select (select sum(allotted_ugrx)::bigint from yields),
               (select sum(amount_ugrx)::bigint from yield_allotments)
        """);

    /// <summary>260 settled trades of 0.2 GRX.</summary>
    private async Task CopiesAsync(long fee)
    {
        await SettledAsync(100, 2_000_000);
        await _world.ExecuteAsync(
            """
            with copies as (
                insert into matches (id, zone, epoch, buy_order, sell_order, energy_wh, price, value_ugrx,
                                     buyer_share_ugrx, matched_at, tx_signature)
                select gen_random_uuid(), zone, epoch, buy_order, sell_order, energy_wh, price, value_ugrx,
                       buyer_share_ugrx, matched_at, tx_signature
                from matches cross join generate_series(1, 259)
                returning id, zone, epoch, energy_wh, value_ugrx),
            settled as (
                insert into settlements (id, match_id, zone, epoch, energy_wh, value_ugrx, fee_ugrx, status, created_at)
                select id, id, zone, epoch, energy_wh, value_ugrx, @fee, 'completed', @Now from copies),
            effects as (
                insert into match_effects (match_id, seller_id, buyer_id, carbon_grams, burn_wh, burn, status)
                select c.id, e.seller_id, e.buyer_id, 82, 0, 'none', 'settled' from copies c, match_effects e)
            insert into yields (match_id, kind, owner_id, amount_ugrx, limit_ugrx, status, accrues_from)
            select c.id, y.kind, y.owner_id, y.amount_ugrx, y.limit_ugrx, y.status, y.accrues_from
            from copies c, yields y
            """,
            new { _world.Now, fee });
    }

    private async Task SettledAsync(long wh, long price)
    {
        _ = await _world.ActiveAskAsync(_anna, wh, price);
        await BidAsync(wh, price);
        await _world.RunAsync();
        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync();
    }

    // The helper's expiry counts from noon.
    private async Task BidAsync(long wh, long price) => _ = await _world.ActiveBidAsync(_boon, wh, price);

    private Task<long> AllottedAsync() =>
        _world.OneAsync<long>("select coalesce(sum(amount_ugrx), 0)::bigint from yield_allotments");

    private Task<OperatorReport> ReportAsync() =>
        new OperatorReportQuery(_world.Database, _world.Time).ReadAsync(CancellationToken.None);
}
