using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Tests.Trading;

namespace GridTokenX.CloudCore.Tests.Pricing;

public sealed class PriceWorkerTests
{
    private static readonly MarketOptions Dynamic = new()
    {
        DynamicPrice = new DynamicPriceSettings { Enabled = true, BasePrice = 3m },
    };

    private static readonly MarketOptions Gated = new() { BatteryGate = "community" };

    [Fact]
    public async Task Price_follows_batteries_book_and_the_local_hour()
    {
        await using var world = await MarketWorld.StartAsync(market: Dynamic);
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        await ReadAsync(world, anna, 250);
        await ReadAsync(world, boon, 65_535);
        _ = await world.ActiveBidAsync(boon, 300, 1_000_000);
        _ = await world.ActiveAskAsync(anna, 100, 9_000_000);
        await world.RunAsync();

        // Noon UTC is 19 o'clock in Bangkok: on peak. 3 × 1.1 × 1.15 × 1.15 = 4.36425.
        (await PriceAsync(world)).ShouldBe((4_364_250, 250, 1_100, 1_150, 1_150));
    }

    [Fact]
    public async Task Price_moves_by_its_interval_and_is_recorded_only_when_it_changes()
    {
        await using var world = await MarketWorld.StartAsync(market: Dynamic);
        var anna = await world.TraderAsync();
        await world.RunAsync();
        await world.RunAsync();
        (await world.CountAsync("zone_prices")).ShouldBe(1);
        _ = await world.ActiveAskAsync(anna, 100, 9_000_000, TimeSpan.FromHours(1));
        await world.AdvanceAsync(TimeSpan.FromSeconds(59));
        (await world.CountAsync("zone_prices")).ShouldBe(1);
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        (await world.CountAsync("zone_prices")).ShouldBe(2);
        await world.AdvanceAsync(TimeSpan.FromMinutes(30));
        (await world.CountAsync("zone_prices")).ShouldBe(2);
    }

    [Fact]
    public async Task Bid_below_the_dynamic_price_does_not_trade_until_the_price_has_fallen()
    {
        await using var world = await MarketWorld.StartAsync(market: Dynamic);
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        _ = await world.ActiveAskAsync(anna, 100, 2_000_000, TimeSpan.FromHours(5));
        _ = await world.ActiveBidAsync(boon, 100, 3_200_000, TimeSpan.FromHours(5));
        await world.RunAsync();

        // In balance by day 3.45; at ten in the evening, local time, 2.55.
        (await PriceAsync(world)).Price.ShouldBe(3_450_000);
        (await world.CountAsync("matches")).ShouldBe(0);
        await world.AdvanceAsync(TimeSpan.FromHours(3));
        (await world.OneAsync<long>("select price from matches")).ShouldBe(2_000_000);
    }

    [Fact]
    public async Task Nothing_matches_before_the_price_is_known()
    {
        await using var world = await MarketWorld.StartAsync(market: Dynamic);
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        _ = await world.ActiveAskAsync(anna, 100, 2_000_000);
        _ = await world.ActiveBidAsync(boon, 100, 9_000_000);
        (await world.MatchAsync()).ShouldBe(0);
        await world.RunAsync();
        (await world.CountAsync("matches")).ShouldBe(1);
    }

    [Theory]
    [InlineData(199, false)]
    [InlineData(200, true)]
    [InlineData(65_535, false)]
    public async Task Gate_lets_trades_through_from_a_fifth_on(int soc, bool opens)
    {
        await using var world = await MarketWorld.StartAsync(market: Gated);
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        await ReadAsync(world, anna, soc);
        _ = await world.ActiveAskAsync(anna, 100, 2_000_000);
        _ = await world.ActiveBidAsync(boon, 100, 2_000_000);
        await world.RunAsync();
        (await world.CountAsync("matches")).ShouldBe(opens ? 1 : 0);
    }

    [Fact]
    public async Task Old_reading_opens_no_gate_and_a_purchase_at_a_closed_one_goes_back()
    {
        await using var world = await MarketWorld.StartAsync(market: Gated);
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        await ReadAsync(world, anna, 900);
        await world.RunAsync();
        (await world.OneAsync<bool>("select gate_open from zone_prices order by sequence desc limit 1")).ShouldBeTrue();
        await world.AdvanceAsync(TimeSpan.FromMinutes(31));
        (await world.OneAsync<bool>("select gate_open from zone_prices order by sequence desc limit 1"))
            .ShouldBeFalse();
        var ask = await world.ActiveAskAsync(anna, 100, 2_000_000, TimeSpan.FromHours(2));
        var purchase = (await world.TakeAsync(boon, ask)).Order!.Id;
        _ = await world.AnswerAsync();
        await world.RunAsync();
        (await world.StatusAsync(purchase)).ShouldBe("cancelled");
        (await world.StatusAsync(ask)).ShouldBe("active");
    }

    [Fact]
    public async Task Auction_goes_by_the_price_and_the_gate_of_its_own_instant()
    {
        await using var world = await MarketWorld.StartAsync(market: Gated with { Mode = "call_auction" });
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        await ReadAsync(world, anna, 500);
        _ = await world.ActiveAskAsync(anna, 100, 2_000_000);
        _ = await world.ActiveBidAsync(boon, 100, 2_000_000);
        await world.RunAsync();
        world.Time.Advance(TimeSpan.FromMinutes(40));
        _ = await world.Price.RunOnceAsync(CancellationToken.None);
        await world.RunAsync();
        (await world.OneAsync<long>("select epoch from matches")).ShouldBe(202606011200);
    }

    [Fact]
    public async Task Limits_stay_between_feed_in_and_retail()
    {
        await using var world = await MarketWorld.StartAsync(
            market: new MarketOptions { FeedInPrice = 2m, RetailPrice = 5m });
        var anna = await world.TraderAsync();
        (await world.SellAsync(anna, 100, 1_999_999)).Refusal!.Code.ShouldBe("price_out_of_bounds");
        (await world.BuyAsync(anna, 100, 5_000_001)).Refusal!.Code.ShouldBe("price_out_of_bounds");
        (await world.SellAsync(anna, 100, 2_000_000)).Refusal.ShouldBeNull();
    }

    internal static Task ReadAsync(MarketWorld world, Trader trader, int soc) => world.ExecuteAsync(
        "update meters set last_reading_at = @Now, soc_permille = @soc where owner_id = @Id",
        new { world.Now, soc, trader.Id });

    private static Task<(long Price, int? Soc, int SocFactor, int LoadFactor, int TimeFactor)> PriceAsync(
        MarketWorld world) => world.OneAsync<(long, int?, int, int, int)>(
        """
        select price, soc_permille, soc_factor, load_factor, time_factor from zone_prices order by sequence desc limit 1
        """);
}
