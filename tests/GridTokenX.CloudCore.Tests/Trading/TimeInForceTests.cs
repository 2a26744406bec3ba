using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Tests.CrossZone;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>Orders that take part in one matching: which one it is, what they get, and that their escrow comes back.
/// </summary>
public sealed class TimeInForceTests : IAsyncLifetime
{
    private const string Immediate = "immediate_or_cancel";
    private const string Killed = "fill_or_kill";
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly MarketOptions Auctions = new() { Mode = "call_auction" };

    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public Task InitializeAsync() => StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Immediate_order_takes_what_is_there_and_gets_the_rest_of_its_escrow_back(bool isContinuous)
    {
        await StartAsync(isContinuous);
        _ = await _world.ActiveAskAsync(_anna, 300, 1_000_000);
        _ = await _world.MatchAsync();
        var bid = await _world.ActiveBidAsync(_boon, 500, 1_200_000, force: "ioc");

        // Where nothing is gathered, it has been matched as its escrow arrived.
        (await _world.StatusAsync(bid)).ShouldBe(isContinuous ? "cancelled" : "active");
        (await _world.MatchAsync() > 0).ShouldBe(!isContinuous);

        (await EndOfAsync(bid)).ShouldBe(("cancelled", 300, Immediate));
        (await _world.OneAsync<string>("select escrow from orders where id = @bid", new { bid })).ShouldBe("held");
        await _world.EndAsync();
        (_world.Chain.EscrowWh, _world.Chain.EscrowUgrx).ShouldBe((0, 0));
        _world.Chain[_boon.Wallet].ShouldBe((300, 90_000_000 - 300_000));
        await _world.ShouldReplayAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Order_that_wants_all_has_all_or_nothing(bool isContinuous)
    {
        await StartAsync(isContinuous);
        var ask = await _world.ActiveAskAsync(_anna, 300, 1_000_000);
        _ = await _world.MatchAsync();
        var tooMuch = await _world.ActiveBidAsync(_boon, 301, 1_200_000, force: "fok");
        _ = await _world.MatchAsync();
        (await EndOfAsync(tooMuch)).ShouldBe(("cancelled", 0, Killed));
        (await _world.OneAsync<string>("select escrow from orders where id = @tooMuch", new { tooMuch }))
            .ShouldBe(isContinuous ? "closed" : "releasing");
        (await _world.StatusAsync(ask)).ShouldBe("active");

        var all = await _world.ActiveBidAsync(_boon, 300, 1_200_000, force: "fok");
        _ = await _world.MatchAsync();
        (await EndOfAsync(all)).ShouldBe(("filled", 300, null));
        await _world.ShouldReplayAsync();
    }

    [Fact]
    public async Task Immediate_order_does_not_wait_for_what_is_asked_after_it_in_the_same_cycle()
    {
        var bid = await _world.ActiveBidAsync(_boon, 100, 1_200_000, force: "ioc");
        var ask = await _world.ActiveAskAsync(_anna, 100, 1_000_000);
        _ = await _world.MatchAsync();
        (await EndOfAsync(bid)).ShouldBe(("cancelled", 0, Immediate));
        (await _world.StatusAsync(ask)).ShouldBe("active");
    }

    [Fact]
    public async Task Where_the_gate_is_closed_its_one_matching_finds_nothing()
    {
        await StartAsync(market: new MarketOptions { BatteryGate = "community" });
        _ = await _world.ActiveAskAsync(_anna, 100, 1_000_000);
        var bid = await _world.ActiveBidAsync(_boon, 100, 1_200_000, force: "ioc");
        var kill = await _world.ActiveBidAsync(_boon, 100, 1_200_000, force: "fok");
        await _world.RunAsync();
        (await EndOfAsync(bid)).ShouldBe(("cancelled", 0, Immediate));
        (await EndOfAsync(kill)).ShouldBe(("cancelled", 0, Killed));
        await _world.ShouldReplayAsync();
    }

    [Fact]
    public async Task In_a_zone_with_auctions_it_waits_for_the_epochs_auction_whoever_holds_it()
    {
        await StartAsync(market: Auctions);
        _ = await _world.ActiveAskAsync(_anna, 300, 1_000_000);
        var bid = await _world.ActiveBidAsync(_boon, 500, 1_200_000, TimeSpan.FromHours(2), "ioc");
        var kill = await _world.ActiveBidAsync(_boon, 301, 1_300_000, TimeSpan.FromHours(2), "fok");
        await _world.AdvanceAsync(TimeSpan.FromMinutes(14));
        (await _world.StatusAsync(bid)).ShouldBe("active");

        // Another process reads the book with its time in force from the database.
        _world.Time.Advance(TimeSpan.FromMinutes(1));
        await using var other = _world.OtherDatabase();
        (await _world.AuctionOn(other).RunOnceAsync(None)).ShouldBeGreaterThan(0);
        (await EndOfAsync(bid)).ShouldBe(("cancelled", 300, Immediate));
        (await EndOfAsync(kill)).ShouldBe(("cancelled", 0, Killed));
        (await _world.OneAsync<(long, long)>("select energy_wh, price from matches")).ShouldBe((300, 1_100_000));
        await _world.ShouldReplayAsync();
        await _world.EndAsync();
        (_world.Chain.EscrowWh, _world.Chain.EscrowUgrx).ShouldBe((0, 0));
    }

    [Fact]
    public async Task What_waits_for_an_auction_is_listed_for_nobody_and_may_be_cancelled()
    {
        await StartAsync(market: Auctions);
        var ask = await _world.ActiveAskAsync(_anna, 300, 1_000_000, force: "fok");
        await _world.RunAsync();
        (await OrderQueries.ListedAsync(
            _world.Database, null, null, Listed.Read(null)!, 10, _world.Now, None)).ShouldBeEmpty();
        (await _world.TakeAsync(_boon, ask, 100)).Refusal!.Code.ShouldBe(ProblemCodes.OrderNotActive);
        (await _world.CancelAsync(_anna, ask)).Order!.Status.ShouldBe("cancelled");
        await _world.AdvanceAsync(QuarterHour);
        (await EndOfAsync(ask)).ShouldBe(("cancelled", 0, null));
        await _world.ShouldReplayAsync();
    }

    [Fact]
    public async Task Auction_that_was_missed_is_the_one_it_takes_part_in()
    {
        await StartAsync(market: Auctions);
        var bid = await _world.ActiveBidAsync(_boon, 500, 1_200_000, TimeSpan.FromHours(2), "ioc");
        _world.Time.Advance(QuarterHour);

        // Its auction is over when this comes, though nobody has held it yet.
        _ = await _world.ActiveAskAsync(_anna, 500, 1_000_000, TimeSpan.FromHours(2));
        await _world.AdvanceAsync(TimeSpan.FromMinutes(30));
        (await EndOfAsync(bid)).ShouldBe(("cancelled", 0, Immediate));
        (await _world.CountAsync("matches")).ShouldBe(0);
    }

    [Fact]
    public async Task When_its_zone_begins_to_match_at_once_it_leaves_unmatched()
    {
        await StartAsync(market: Auctions);
        _ = await _world.ActiveAskAsync(_anna, 300, 1_000_000);
        var bid = await _world.ActiveBidAsync(_boon, 300, 1_200_000, force: "ioc");
        await _world.RunAsync();
        await using var other = _world.OtherDatabase();
        _ = await _world.MarketsOn(other, new TradingOptions { MatchInterval = TimeSpan.Zero }, new MarketOptions())
            .RunAsync(ZoneScope.All, None);
        (await EndOfAsync(bid)).ShouldBe(("cancelled", 0, Immediate));
        await _world.ShouldReplayAsync();
    }

    [Fact]
    public async Task Over_linked_zones_it_takes_part_in_the_first_cycle()
    {
        await StartAsync(market: CrossZoneWorkerTests.Linked);
        var (hill, bay) = (await _world.TraderAsync("hill"), await _world.TraderAsync("bay"));
        _ = await _world.ActiveAskAsync(hill, 600, 2_000_000);
        var kill = await _world.ActiveBidAsync(bay, 700, 4_000_000, force: "fok");
        var bid = await _world.ActiveBidAsync(bay, 800, 3_000_000, force: "ioc");
        await _world.RunAsync();
        (await EndOfAsync(kill)).ShouldBe(("cancelled", 0, Killed));
        (await EndOfAsync(bid)).ShouldBe(("cancelled", 600, Immediate));
        foreach (var zone in (string[])["hill", "bay"])
        {
            await _world.ShouldReplayAsync(zone);
        }
    }

    [Fact]
    public async Task Same_request_again_gives_the_order_and_with_another_time_in_force_it_is_another_request()
    {
        var first = (await _world.SellAsync(_anna, 100, 1_000_000, key: "key", force: "fok")).Order!;
        first.ToView().TimeInForce.ShouldBe("fok");
        var again = (await _world.SellAsync(_anna, 100, 1_000_000, key: "key", force: "fok")).Order!;
        (again.Id, again.TimeInForce).ShouldBe((first.Id, "fok"));
        (await _world.SellAsync(_anna, 100, 1_000_000, key: "key", force: "ioc")).Refusal!.Code
            .ShouldBe(ProblemCodes.IdempotencyKeyReused);
    }

    [Fact]
    public async Task Orders_of_one_request_have_each_their_own()
    {
        var request = MarketWorld.Request(_anna, 100, 1_000_000, sell: true);
        var outcomes = await _world.Placement.CreateAsync(
            [request, request with { TimeInForce = "ioc" }, request with { TimeInForce = "day" }],
            _world.Signed(_anna, null, "many"),
            None);
        outcomes.Select(static outcome => outcome.Order?.TimeInForce ?? outcome.Refusal!.Code)
            .ShouldBe(["gtc", "ioc", ProblemCodes.InvalidTimeInForce]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("day")]
    [InlineData("IOC")]
    public async Task Any_other_time_in_force_is_refused(string force) =>
        (await _world.SellAsync(_anna, 100, 1_000_000, force: force)).Refusal!.Code
            .ShouldBe(ProblemCodes.InvalidTimeInForce);

    [Fact]
    public async Task Purchase_of_a_listed_order_may_want_all_and_may_not_rest()
    {
        var ask = await _world.ActiveAskAsync(_anna, 300, 1_000_000);
        _ = await _world.MatchAsync();
        (await _world.TakeAsync(_boon, ask, 100, "gtc")).Refusal!.Code.ShouldBe(ProblemCodes.InvalidTimeInForce);
        var tooMuch = (await _world.TakeAsync(_boon, ask, 301, "fok")).Order!;
        var part = (await _world.TakeAsync(_boon, ask, 200)).Order!;
        part.TimeInForce.ShouldBe("ioc");
        _ = await _world.AnswerAsync();
        _ = await _world.MatchAsync();
        (await EndOfAsync(tooMuch.Id)).ShouldBe(("cancelled", 0, null));
        (await EndOfAsync(part.Id)).ShouldBe(("filled", 200, null));
        await _world.ShouldReplayAsync();
    }

    private async Task StartAsync(bool isContinuous = false, MarketOptions? market = null)
    {
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }

        var options = new TradingOptions { EscrowWait = TimeSpan.Zero };
        _world = await MarketWorld.StartAsync(
            isContinuous ? options with { MatchInterval = TimeSpan.Zero } : options, market: market);
        _anna = await _world.TraderAsync(wh: 20_000, ugrx: 0);
        _boon = await _world.TraderAsync(wh: 0, ugrx: 90_000_000);
        if (market is not null)
        {
            await _world.RunAsync();
        }
    }

    private async Task<(string Status, long FilledWh, string? Reason)> EndOfAsync(Guid id)
    {
        var order = await _world.OrderAsync(id);
        return (order.Status, order.Filled.Value, order.Reason);
    }
}
