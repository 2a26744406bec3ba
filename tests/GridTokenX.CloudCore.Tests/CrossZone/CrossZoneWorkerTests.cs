using GridTokenX.CloudCore.CrossZone;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Report;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Tests.CrossZone;

public sealed class CrossZoneWorkerTests : IAsyncLifetime
{
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);

    private MarketWorld _world = null!;
    private Trader _hill = null!;
    private Trader _bay = null!;

    internal static MarketOptions Linked { get; } = new()
    {
        Links =
        [
            new ZoneLinkSettings
            {
                From = "hill", To = "bay", WheelingPrice = 0.5m, LossPpm = 50_000, CapacityKwh = 1,
            },
        ],
    };

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync(market: Linked);
        _hill = await _world.TraderAsync("hill", wh: 10_000, ugrx: 0);
        _bay = await _world.TraderAsync("bay", wh: 0, ugrx: 50_000_000);
        await _world.RunAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Match_of_two_zones_moves_the_energy_fed_in_and_stays_within_the_buyers_limit()
    {
        _ = await _world.ActiveAskAsync(_hill, 600, 2_000_000);
        var bid = await _world.ActiveBidAsync(_bay, 1_000, 3_000_000);
        await _world.RunAsync();
        (await _world.OneAsync<(string, long, long, long)>("select zone, energy_wh, price, value_ugrx from matches"))
            .ShouldBe(("hill", 600, 2_000_000, 1_200_000));

        // 570 Wh arrive: 0.285 GRX for the way. 1.485 GRX in all are within 570 Wh at 3 GRX.
        (await _world.OneAsync<(string, string, long, long, long, string)>(
            "select from_zone, to_zone, arriving_wh, lost_wh, wheeling_ugrx, charge from matches_across"))
            .ShouldBe(("hill", "bay", 570, 30, 285_000, "matched"));
        (await _world.OneAsync<long>("select carbon_grams from match_effects")).ShouldBe(570 * 820 / 1_000);
        (await _world.OrderAsync(bid)).Filled.Value.ShouldBe(600);

        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync();
        (await _world.OneAsync<string>("select charge from matches_across")).ShouldBe("due");
        _world.Chain[_bay.Wallet].Wh.ShouldBe(600);
        _world.Chain[_hill.Wallet].Ugrx.ShouldBe(1_200_000 - 12_000);
        var effects = (await new OperatorReportQuery(_world.Database, _world.Time)
            .ReadAsync(CancellationToken.None)).Effects;
        (effects.AcrossMatches, effects.LostWh, effects.WheelingDueUgrx).ShouldBe((1, 30, 285_000));
        (await new LinkQuery(_world.Database, new MarketRules(Linked)).ReadAsync(CancellationToken.None)).Links
            .ShouldBe([new LinkView("hill", "bay", new LinkTerms(0.5m, 50_000, 1), 1, 600, 30, 1_200_000, 285_000)]);
        (await new LinkQuery(_world.Database, MarketRules.Default).ReadAsync(CancellationToken.None)).Links
            .ShouldBe([new LinkView("hill", "bay", null, 1, 600, 30, 1_200_000, 285_000)]);
    }

    [Fact]
    public async Task Link_carries_its_capacity_once_an_epoch_over_many_cycles()
    {
        _ = await _world.ActiveAskAsync(_hill, 5_000, 2_000_000);
        for (var i = 0; i < 3; i++)
        {
            _ = await _world.ActiveBidAsync(_bay, 700, 4_000_000);
            await _world.RunAsync();
        }

        (await _world.OneAsync<long>("select sum(energy_wh)::bigint from matches")).ShouldBe(1_000);
        await _world.AdvanceAsync(QuarterHour);
        (await _world.OneAsync<long>("select sum(energy_wh)::bigint from matches")).ShouldBe(2_000);
    }

    [Fact]
    public async Task Bid_takes_its_own_zones_energy_when_that_lands_cheaper()
    {
        var own = await _world.TraderAsync("bay", wh: 10_000);
        _ = await _world.ActiveAskAsync(own, 400, 2_600_000);
        _ = await _world.ActiveAskAsync(_hill, 400, 2_000_000);
        _ = await _world.ActiveBidAsync(_bay, 600, 4_000_000);
        await _world.RunAsync();

        // From the hill it costs 2 / 0.95 + 0.5 = 2.605264.
        (await _world.QueryAsync<(string, long)>("select zone, energy_wh from matches order by price desc"))
            .ShouldBe([("bay", 400), ("hill", 200)]);
    }

    [Fact]
    public async Task Of_two_equal_bids_the_one_that_came_first_is_served_whatever_its_zone_is_called()
    {
        var neighbour = await _world.TraderAsync("hill", wh: 0, ugrx: 50_000_000);
        var first = await _world.ActiveBidAsync(neighbour, 600, 4_000_000);
        var second = await _world.ActiveBidAsync(_bay, 600, 4_000_000);
        _ = await _world.ActiveAskAsync(_hill, 600, 2_000_000);
        await _world.RunAsync();
        (await _world.OrderAsync(first)).Filled.Value.ShouldBe(600);
        (await _world.OrderAsync(second)).Filled.Value.ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_flows_the_other_way_and_direct_purchases_stay_in_their_zone()
    {
        var (seller, buyer) = (await _world.TraderAsync("bay"), await _world.TraderAsync("hill"));
        var ask = await _world.ActiveAskAsync(seller, 400, 1_000_000);
        _ = await _world.ActiveBidAsync(buyer, 400, 9_000_000);
        await _world.RunAsync();
        (await _world.CountAsync("matches")).ShouldBe(0);
        _ = await _world.TakeAsync(_bay, ask, 100);
        _ = await _world.AnswerAsync();
        await _world.RunAsync();
        (await _world.OneAsync<(string, long)>("select zone, energy_wh from matches")).ShouldBe(("bay", 100));
    }

    [Fact]
    public async Task Charge_of_a_settlement_that_fails_is_void()
    {
        var ask = await _world.ActiveAskAsync(_hill, 600, 2_000_000);
        _ = await _world.ActiveBidAsync(_bay, 600, 3_000_000);
        await _world.RunAsync();
        var order = await _world.OrderAsync(ask);
        await _world.HappenedAsync(_world.Chain.Close(
            _hill.Wallet, (ulong)order.ChainOrderId, OrderClosingReason.Cancelled));
        await _world.AdvanceAsync(QuarterHour);
        _ = await _world.AnswerAsync();
        (await _world.OneAsync<string>("select charge from matches_across")).ShouldBe("void");
    }
}
