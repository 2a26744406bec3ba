using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Effects;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Programs.Events;

namespace GridTokenX.CloudCore.Tests.Effects;

public sealed class MatchEffectTests : IAsyncLifetime
{
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);

    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync(market: new MarketOptions { BurnOnSettlement = true });
        _anna = await _world.TraderAsync(wh: 10_000, ugrx: 0);
        _boon = await _world.TraderAsync(wh: 0, ugrx: 50_000_000);
        await _world.RunAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Effects_are_written_with_the_match()
    {
        var (_, match) = await MatchedAsync(_boon);
        (await EffectAsync(match)).ShouldBe(
            new Effect(_anna.Id, _boon.Id, CarbonGrams: 273, BurnWh: 333, "foreseen", "matched"));

        // 999 000 µGRX: 5 % a year to the seller, 2.5 % once to the pool.
        (await YieldsAsync()).ShouldBe(
        [
            new Yield("seller", _anna.Id, 49_950, 49_950, "pending", 0),
            new Yield("pool", null, 24_975, 24_975, "pending", 0),
        ]);
    }

    [Fact]
    public async Task Match_that_cannot_be_written_leaves_no_effects()
    {
        var ask = await _world.OrderAsync(await _world.ActiveAskAsync(_anna, 500, 2_000_000));
        var bid = await _world.OrderAsync(await _world.ActiveBidAsync(_boon, 500, 2_000_000));
        var match = new GridTokenX.Market.Matching.Match(
            bid.Id, ask.Id, new(500), new(2_000_000), new(1_000_000), BuyerShare: new(1_000_000));
        var cycle = MatchCycle.Of("zone-1", _world.Now, [ask, bid], [match]);
        await using (var unit = await CloudCore.Storage.Database.BeginAsync(_world.Database, CancellationToken.None))
        {
            var writes = new CloudCore.Storage.PendingWrites(unit.Transaction);
            _ = MatchRecords.Add(writes, cycle, _world.Rules, []);
            await writes.FlushAsync(CancellationToken.None);
        }

        (await _world.CountAsync("match_effects")).ShouldBe(0);
        (await _world.CountAsync("yields")).ShouldBe(0);
    }

    [Fact]
    public async Task Settlement_makes_them_count_and_the_managed_buyers_energy_is_retired()
    {
        var (_, match) = await MatchedAsync(_boon);
        await SettleAsync();
        (await EffectAsync(match)).ShouldBe(
            new Effect(_anna.Id, _boon.Id, CarbonGrams: 273, BurnWh: 333, "retired", "settled"));
        (await YieldsAsync()).ShouldAllBe(static yield => yield.Status == "accruing");
        (_world.Chain.RetiredWh, _world.Chain[_boon.Wallet].Wh).ShouldBe((333, 0));
    }

    [Fact]
    public async Task Buyer_who_has_sold_the_energy_on_still_owes_its_retirement()
    {
        var (_, match) = await MatchedAsync(_boon);
        _world.Chain.Give(_boon.Wallet, -333, 0);
        await SettleAsync();
        (await EffectAsync(match)).Burn.ShouldBe("due");
        (await _world.OneAsync<string>("select status from chain_outbox where kind = 'retire_energy'"))
            .ShouldBe("refused");
    }

    [Fact]
    public async Task Settlement_that_is_heard_of_twice_counts_once()
    {
        _ = await MatchedAsync(_boon);
        await _world.AdvanceAsync(QuarterHour);
        var row = (await _world.OpenRowsAsync()).ShouldHaveSingleItem();
        var executed = _world.Chain.Execute(row.Intent!).Events.ShouldHaveSingleItem();
        await _world.HappenedAsync(executed);
        var from = await _world.OneAsync<DateTimeOffset>("select min(accrues_from) from yields");
        _world.Time.Advance(QuarterHour);
        await _world.HappenedAsync(executed);
        (await _world.OneAsync<DateTimeOffset>("select max(accrues_from) from yields")).ShouldBe(from);
        (await _world.OneAsync<long>("select count(*) from chain_outbox where kind = 'retire_energy'")).ShouldBe(1);
    }

    [Fact]
    public async Task Settlement_that_fails_for_good_makes_them_void()
    {
        var (ask, match) = await MatchedAsync(_boon);
        var order = await _world.OrderAsync(ask);
        await _world.HappenedAsync(_world.Chain.Close(
            _anna.Wallet, (ulong)order.ChainOrderId, OrderClosingReason.Cancelled));
        await SettleAsync();
        (await EffectAsync(match)).ShouldBe(
            new Effect(_anna.Id, _boon.Id, CarbonGrams: 273, BurnWh: 333, "void", "void"));
        (await YieldsAsync()).ShouldAllBe(static yield => yield.Status == "void");
        var carbon = await new EffectQueries(_world.Database).CarbonAsync(
            _boon.Id, long.MaxValue, 10, CancellationToken.None);
        (carbon.CreditedGrams, carbon.PendingGrams, carbon.Credits[0].Status).ShouldBe((0, 0, "void"));
    }

    [Fact]
    public async Task Settlement_that_was_given_up_and_went_through_all_the_same_makes_them_count()
    {
        var (_, match) = await MatchedAsync(_boon);
        await _world.AdvanceAsync(QuarterHour);
        var row = (await _world.OpenRowsAsync()).ShouldHaveSingleItem();
        await using (var unit = await CloudCore.Storage.Database.BeginAsync(_world.Database, CancellationToken.None))
        {
            (await SettlementRecords.FailAsync(
                unit.Transaction, _world.Outbox, row.IntentId, "order_expired", _world.Now, CancellationToken.None))
                .ShouldBeTrue();
            await unit.CommitAsync(CancellationToken.None);
        }

        (await EffectAsync(match)).Status.ShouldBe("void");
        await _world.HappenedAsync(_world.Chain.Execute(row.Intent!).Events.ShouldHaveSingleItem());
        (await EffectAsync(match)).ShouldBe(
            new Effect(_anna.Id, _boon.Id, CarbonGrams: 273, BurnWh: 333, "requested", "settled"));
        (await YieldsAsync()).ShouldAllBe(static yield => yield.Status == "accruing");
    }

    [Fact]
    public async Task Without_burning_nothing_is_retired()
    {
        await using var world = await MarketWorld.StartAsync();
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        _ = await world.ActiveAskAsync(anna, 1_000, 2_000_000);
        _ = await world.ActiveBidAsync(boon, 1_000, 2_000_000);
        await world.RunAsync();
        await world.AdvanceAsync(QuarterHour);
        _ = await world.AnswerAsync();
        (await world.OneAsync<(string, long)>("select burn, burn_wh from match_effects")).ShouldBe(("none", 0));
        world.Chain.RetiredWh.ShouldBe(0);
    }

    [Fact]
    public async Task Value_too_small_to_yield_has_no_yields()
    {
        _ = await _world.ActiveAskAsync(_anna, 1, 19_000);
        _ = await _world.ActiveBidAsync(_boon, 1, 19_000);
        (await _world.MatchAsync()).ShouldBe(1);
        (await _world.CountAsync("match_effects")).ShouldBe(1);
        (await _world.CountAsync("yields")).ShouldBe(0);
    }

    private async Task<(Guid Ask, Guid Match)> MatchedAsync(Trader buyer)
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 3_000_000);
        _ = await _world.ActiveBidAsync(buyer, 333, 3_000_000);
        (await _world.MatchAsync()).ShouldBe(1);
        return (ask, await _world.OneAsync<Guid>("select id from matches"));
    }

    private async Task SettleAsync()
    {
        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync();
    }

    private Task<Effect> EffectAsync(Guid match) => _world.OneAsync<Effect>(
        """
        select seller_id, buyer_id, carbon_grams, burn_wh, burn, status from match_effects where match_id = @match
        """,
        new { match });

    private Task<IReadOnlyList<Yield>> YieldsAsync() => _world.QueryAsync<Yield>(
        "select kind, owner_id, amount_ugrx, limit_ugrx, status, allotted_ugrx from yields order by id");

    private sealed record Effect(
        Guid SellerId, Guid BuyerId, long CarbonGrams, long BurnWh, string Burn, string Status);

    private sealed record Yield(
        string Kind, Guid? OwnerId, long AmountUgrx, long LimitUgrx, string Status, long AllottedUgrx);
}
