using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Tests.Trading;

namespace GridTokenX.CloudCore.Tests.Clearing;

public sealed class CallAuctionTests : IAsyncLifetime
{
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync(market: new MarketOptions { Mode = "call_auction" });
        _anna = await _world.TraderAsync(wh: 20_000, ugrx: 0);
        _boon = await _world.TraderAsync(wh: 0, ugrx: 90_000_000);
        await _world.RunAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Orders_gather_through_the_epoch_and_trade_once_at_one_price()
    {
        _ = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        _ = await _world.ActiveAskAsync(_anna, 1_000, 3_000_000);
        _ = await _world.ActiveBidAsync(_boon, 1_500, 4_000_000);
        await _world.AdvanceAsync(TimeSpan.FromMinutes(14));
        (await _world.CountAsync("matches")).ShouldBe(0);
        await _world.AdvanceAsync(TimeSpan.FromMinutes(1));

        // From 3 to 4 GRX 1 500 Wh trade; the least imbalance is the same everywhere, the midpoint 3.5.
        (await _world.QueryAsync<(long, long, long)>("select energy_wh, price, epoch from matches order by sequence"))
            .ShouldBe([(1_000, 3_500_000, 202606011200), (500, 3_500_000, 202606011200)]);
        var epoch = await EpochAsync(202606011200);
        epoch.ShouldBe(new Epoch("cleared", "call_auction", 3_500_000, 3_500_000, 1_500, 2));
        _ = await _world.AnswerAsync();
        (await EpochAsync(202606011200)).Status.ShouldBe("settled");

        // The buyer pays 5.25 of the 6 GRX in escrow, the seller gets that less one percent.
        _world.Chain[_boon.Wallet].ShouldBe((1_500, 90_000_000 - 5_250_000));
        _world.Chain[_anna.Wallet].Ugrx.ShouldBe(5_250_000 - 52_500);
    }

    [Fact]
    public async Task Order_that_expires_with_the_epoch_takes_part_in_its_auction_whoever_comes_first()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000, QuarterHour);
        _ = await _world.ActiveBidAsync(_boon, 1_000, 2_000_000, QuarterHour);
        _world.Time.Advance(QuarterHour);
        (await _world.Expiry.RunOnceAsync(CancellationToken.None)).ShouldBe(0);
        await _world.RunAsync();
        (await _world.StatusAsync(ask)).ShouldBe("filled");
    }

    [Fact]
    public async Task Order_that_expires_within_the_epoch_does_not()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000, TimeSpan.FromMinutes(10));
        _ = await _world.ActiveBidAsync(_boon, 1_000, 2_000_000);
        _world.Time.Advance(QuarterHour);
        await _world.RunAsync();
        (await _world.StatusAsync(ask)).ShouldBe("expired");
        (await _world.CountAsync("matches")).ShouldBe(0);
    }

    [Fact]
    public async Task Auctions_missed_while_the_process_was_down_are_held_for_the_epochs_they_belong_to()
    {
        _ = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000, TimeSpan.FromMinutes(75));
        _ = await _world.ActiveBidAsync(_boon, 400, 2_000_000);
        _world.Time.Advance(QuarterHour);

        // The chain goes on meanwhile: this bid's escrow arrives in the next epoch, and an hour passes.
        _ = await _world.ActiveBidAsync(_boon, 600, 2_500_000, TimeSpan.FromMinutes(30));
        _world.Time.Advance(TimeSpan.FromMinutes(45));
        await _world.RunAsync();
        (await _world.QueryAsync<(long, long, long)>("select epoch, energy_wh, price from matches order by sequence"))
            .ShouldBe([(202606011200, 400, 2_000_000), (202606011215, 600, 2_250_000)]);
        (await _world.QueryAsync<string>("select status from epochs where number in (202606011230, 202606011245)"))
            .ShouldBe(["settled", "settled"]);
        _ = await _world.AnswerAsync();
        (_world.Chain.EscrowWh, _world.Chain.EscrowUgrx).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Order_that_outlives_a_long_standstill_expires_only_after_the_last_of_its_auctions()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000, TimeSpan.FromHours(6));
        _world.Time.Advance(TimeSpan.FromHours(8));

        // Nobody has made the epochs meanwhile.
        (await _world.Expiry.RunOnceAsync(CancellationToken.None)).ShouldBe(1);
        (await _world.StatusAsync(ask)).ShouldBe("expired");
        (await _world.OneAsync<long>("select count(*) from epochs where auctioned_at is null and ends_at <= @Now",
            new { _world.Now })).ShouldBe(0);
    }

    [Fact]
    public async Task Epoch_without_trades_has_no_price_and_is_settled()
    {
        _ = await _world.ActiveAskAsync(_anna, 1_000, 3_000_000);
        _ = await _world.ActiveBidAsync(_boon, 1_000, 2_000_000);
        await _world.AdvanceAsync(QuarterHour);
        (await EpochAsync(202606011200)).ShouldBe(new Epoch("settled", "call_auction", null, null, 0, 0));
        (await _world.OneAsync<long>("select open_interest_wh from epochs where number = 202606011200"))
            .ShouldBe(2_000);
    }

    [Fact]
    public async Task Direct_purchase_takes_place_at_once_at_the_sellers_price()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        _ = await _world.ActiveBidAsync(_boon, 1_000, 4_000_000);
        var purchase = (await _world.TakeAsync(_boon, ask, 300)).Order!.Id;
        _ = await _world.AnswerAsync();
        await _world.RunAsync();
        (await _world.StatusAsync(purchase)).ShouldBe("filled");
        (await _world.OneAsync<(long, long)>("select energy_wh, price from matches")).ShouldBe((300, 2_000_000));
        await _world.AdvanceAsync(QuarterHour);
        (await _world.OneAsync<(long, long)>("select energy_wh, price from matches order by sequence desc limit 1"))
            .ShouldBe((700, 3_000_000));
    }

    [Fact]
    public async Task Of_several_processes_one_holds_the_auction_and_one_clears()
    {
        for (var i = 0; i < 10; i++)
        {
            _ = await _world.SellAsync(_anna, 100 + i, 2_000_000 + i);
            _ = await _world.BuyAsync(_boon, 90 + i, 2_000_100);
        }

        _ = await _world.AnswerAsync();
        _world.Time.Advance(QuarterHour);
        await using var other = _world.OtherDatabase();
        var none = CancellationToken.None;
        _ = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var (auction, clearing) = i % 2 == 0
                ? (_world.Auction, _world.Clearing)
                : (_world.AuctionOn(other), _world.ClearingOn(other));
            return await auction.RunOnceAsync(none) + await clearing.RunOnceAsync(none);
        })));
        await _world.RunAsync();
        var (matched, filled, settlements) = await _world.OneAsync<(long, long, long)>(
            """
            select (select 2 * sum(energy_wh)::bigint from matches), (select sum(filled_wh)::bigint from orders),
                   (select count(*) from settlements)
            """);
        matched.ShouldBe(filled);
        matched.ShouldBe(2 * Enumerable.Range(90, 10).Sum());
        settlements.ShouldBe(await _world.CountAsync("matches"));
        (await _world.OneAsync<long>("select count(distinct price) from matches")).ShouldBe(1);
    }

    [Fact]
    public async Task Cancelled_order_takes_part_in_no_auction()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        _ = await _world.ActiveBidAsync(_boon, 1_000, 2_000_000);
        _ = await _world.CancelAsync(_anna, ask);
        await _world.AdvanceAsync(QuarterHour);
        (await _world.CountAsync("matches")).ShouldBe(0);
    }

    [Fact]
    public async Task Zone_may_have_another_rule_than_the_rest()
    {
        await using var world = await MarketWorld.StartAsync(market: new MarketOptions
        {
            Zones = new Dictionary<string, ZoneSettings> { ["zone-2"] = new() { Mode = "call_auction" } },
        });
        foreach (var zone in (string[])["zone-1", "zone-2"])
        {
            var seller = await world.TraderAsync(zone);
            var buyer = await world.TraderAsync(zone);
            _ = await world.ActiveAskAsync(seller, 100, 1_000_000);
            _ = await world.ActiveBidAsync(buyer, 100, 3_000_000);
        }

        await world.RunAsync();
        (await world.QueryAsync<string>("select zone from matches")).ShouldBe(["zone-1"]);
        await world.AdvanceAsync(QuarterHour);
        (await world.QueryAsync<(string, long)>("select zone, price from matches order by sequence"))
            .ShouldBe([("zone-1", 1_000_000), ("zone-2", 2_000_000)]);
        (await world.QueryAsync<string>("select rule from epochs where number = 202606011200 order by zone"))
            .ShouldBe(["continuous", "call_auction"]);
    }

    [Fact]
    public async Task Device_holds_the_energy_of_an_auction_that_was_late()
    {
        _ = await _world.ActiveAskAsync(_anna, 1_000, 2_000_000);
        _ = await _world.ActiveBidAsync(_boon, 1_000, 2_000_000);
        _world.Time.Advance(QuarterHour + Day);
        await _world.RunAsync();
        (await _world.OneAsync<DateTimeOffset>("select expires_at from device_locks"))
            .ShouldBe(CloudHost.Noon + Day + (4 * QuarterHour));
    }

    private Task<Epoch> EpochAsync(long number) => _world.OneAsync<Epoch>(
        "select status, rule, auction_price, clearing_price, volume_wh, trades from epochs where number = @number",
        new { number });

    private sealed record Epoch(
        string Status, string Rule, long? AuctionPrice, long? ClearingPrice, long VolumeWh, int Trades);
}
