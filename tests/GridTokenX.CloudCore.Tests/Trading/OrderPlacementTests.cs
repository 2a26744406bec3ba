using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Api;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Trading;

public sealed class OrderPlacementTests : IAsyncLifetime
{
    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync();
        _anna = await _world.TraderAsync(wh: 10_000);
        _boon = await _world.TraderAsync(ugrx: 10_000_000);
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Order_waits_for_its_escrow_and_then_is_active()
    {
        var order = (await _world.SellAsync(_anna, 1_500, 4_000_000)).Order.ShouldNotBeNull();
        order.Status.ShouldBe("pending");
        order.ExpiresAt.ShouldBe(MarketEpoch.At(_world.Now).Next.End);
        _ = await _world.AnswerAsync();
        (await _world.StatusAsync(order.Id)).ShouldBe("active");
        _world.Chain.EscrowWh.ShouldBe(1_500);
        _world.Chain[_anna.Wallet].Wh.ShouldBe(8_500);
    }

    [Fact]
    public async Task Buy_order_escrows_the_value_at_its_limit_rounded_down()
    {
        _ = await _world.ActiveBidAsync(_boon, 333, 4_000_001);
        _world.Chain.EscrowUgrx.ShouldBe(333L * 4_000_001 / 1_000);
    }

    [Fact]
    public async Task Order_without_exactly_one_wallet_is_refused()
    {
        await RefusedAsync(new(1, 1), ProblemCodes.InvalidOrder);
        await RefusedAsync(new(1, 1, _anna.Wallet, _anna.Wallet), ProblemCodes.InvalidOrder);
    }

    [Fact]
    public Task Order_of_another_wallet_is_refused() => RefusedAsync(new(1, 1, _boon.Wallet), ProblemCodes.Forbidden);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("0.0005")]
    [InlineData("100000.001")]
    [InlineData("79228162514264337593543950335")]
    public Task Absurd_amount_is_refused(string kwh) =>
        RefusedAsync(new(Number(kwh), 1, _anna.Wallet), ProblemCodes.InvalidAmount);

    [Theory]
    [InlineData("0")]
    [InlineData("-4")]
    [InlineData("0.0000001")]
    [InlineData("79228162514264337593543950335")]
    public Task Absurd_price_is_refused(string grx) =>
        RefusedAsync(new(1, Number(grx), _anna.Wallet), ProblemCodes.InvalidPrice);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData((7 * 24 * 3600) + 1)]
    public Task Expiry_in_the_past_or_too_far_ahead_is_refused(int seconds) => RefusedAsync(
        new(1, 1, _anna.Wallet, ExpiresAt: _world.Now.AddSeconds(seconds)), ProblemCodes.InvalidExpiry);

    [Fact]
    public async Task Expiry_up_to_a_week_ahead_is_taken() =>
        (await _world.SellAsync(_anna, 1, 1, TimeSpan.FromDays(7))).Order.ShouldNotBeNull();

    [Fact]
    public async Task Unregistered_wallet_is_refused()
    {
        var key = MarketWorld.RandomKey();
        var stranger = new Trader(Guid.NewGuid(), key, key, "zone-1", _anna.Device, Keypair.Generate());
        (await _world.SellAsync(stranger, 1, 1)).Refusal?.Code.ShouldBe(ProblemCodes.InvalidWallet);
    }

    [Fact]
    public async Task Unverified_user_is_refused()
    {
        var trader = await _world.TraderAsync(verified: false);
        (await _world.SellAsync(trader, 1, 1)).Refusal?.Code.ShouldBe(ProblemCodes.UserNotVerified);
    }

    [Fact]
    public async Task User_without_a_meter_or_with_none_in_the_zone_is_refused()
    {
        var trader = await _world.TraderAsync(meter: false);
        (await _world.SellAsync(trader, 1, 1)).Refusal?.Code.ShouldBe(ProblemCodes.UnknownZone);
        await RefusedAsync(new(1, 1, _anna.Wallet, Zone: "elsewhere"), ProblemCodes.UnknownZone);
    }

    [Fact]
    public async Task Owner_of_meters_in_two_zones_has_to_name_one()
    {
        await _world.AddMeterAsync(_anna, "zone-2", MarketWorld.RandomKey(), MarketWorld.RandomKey());
        await RefusedAsync(new(1, 1, _anna.Wallet), ProblemCodes.UnknownZone);
        var named = await CreateAsync(new(1, 1, _anna.Wallet, Zone: "zone-2"));
        named.Order.ShouldNotBeNull().Zone.ShouldBe("zone-2");
    }

    [Fact]
    public async Task User_or_meter_that_the_chain_does_not_know_yet_has_to_wait()
    {
        var trader = await _world.TraderAsync(onChain: false);
        (await _world.SellAsync(trader, 1, 1)).Refusal?.Code.ShouldBe(ProblemCodes.NotYetOnChain);
        _ = await _world.QueryAsync<int>(
            "update meters set registered_on_chain_at = null where owner_id = @Id returning 1", new { _anna.Id });
        await RefusedAsync(new(1, 1, _anna.Wallet), ProblemCodes.NotYetOnChain);
    }

    [Fact]
    public async Task Price_outside_the_markets_bounds_is_refused()
    {
        _world.Chain.Info = _world.Chain.Info with { MinPrice = 2_000_000, MaxPrice = 3_000_000 };
        await RefusedAsync(new(1, 1.999999m, _anna.Wallet), ProblemCodes.PriceOutOfBounds);
        await RefusedAsync(new(1, 3.000001m, _anna.Wallet), ProblemCodes.PriceOutOfBounds);
        (await _world.SellAsync(_anna, 1, 2_000_000)).Order.ShouldNotBeNull();
        (await _world.SellAsync(_anna, 1, 3_000_000)).Order.ShouldNotBeNull();
    }

    [Fact]
    public async Task Nothing_is_taken_before_the_markets_account_is_known()
    {
        _world.Chain.IsPrepared = false;
        await RefusedAsync(new(1, 1, _anna.Wallet), ProblemCodes.ChainUnavailable);
    }

    [Fact]
    public async Task Expiry_of_broken_seconds_is_refused() => await RefusedAsync(
        new(1, 1, _anna.Wallet, ExpiresAt: _world.Now.AddMilliseconds(1_500)), ProblemCodes.InvalidExpiry);

    [Fact]
    public async Task More_than_the_balance_is_refused()
    {
        (await _world.SellAsync(_anna, 10_001, 1)).Refusal?.Code.ShouldBe(ProblemCodes.InsufficientBalance);
        (await _world.BuyAsync(_boon, 10_001, 1_000_000)).Refusal?.Code.ShouldBe(ProblemCodes.InsufficientBalance);
        (await _world.CountAsync("orders")).ShouldBe(0);
        (await _world.CountAsync("chain_outbox")).ShouldBe(0);
    }

    [Fact]
    public async Task What_other_orders_are_taking_is_not_there_twice()
    {
        _ = (await _world.SellAsync(_anna, 6_000, 1)).Order.ShouldNotBeNull();
        (await _world.SellAsync(_anna, 4_001, 1)).Refusal?.Code.ShouldBe(ProblemCodes.InsufficientBalance);
        _ = (await _world.SellAsync(_anna, 4_000, 1)).Order.ShouldNotBeNull();
        _ = await _world.AnswerAsync();
        _world.Chain[_anna.Wallet].Wh.ShouldBe(0);
        (await _world.QueryAsync<string>("select distinct status from orders")).ShouldBe(["active"]);
    }

    [Fact]
    public async Task Order_waits_until_it_is_known_whether_the_balance_contains_the_others()
    {
        var patient = _world.PlacementOn(new TradingOptions { EscrowWait = TimeSpan.FromSeconds(30) });
        _ = (await _world.SellAsync(_anna, 6_000, 1)).Order.ShouldNotBeNull();

        // The chain has taken the first order's escrow; the event is still to come.
        _world.HoldsEvents = true;
        _ = await _world.AnswerAsync();
        var second = patient.CreateAsync(
            MarketWorld.Request(_anna, 4_000, 1, sell: true),
            _world.Signed(_anna, null, "second"),
            CancellationToken.None);
        second.IsCompleted.ShouldBeFalse();
        await _world.DeliverAsync();
        _ = (await second).Order.ShouldNotBeNull();
    }

    [Fact]
    public async Task Number_of_open_orders_is_limited()
    {
        var strict = _world.PlacementOn(new TradingOptions { MaxOpenOrders = 2 });
        var outcomes = new List<OrderOutcome>();
        for (var i = 0; i < 3; i++)
        {
            outcomes.Add(await strict.CreateAsync(
                MarketWorld.Request(_anna, 1, 1, sell: true),
                _world.Signed(_anna, null, $"n{i}"),
                CancellationToken.None));
        }

        outcomes.Select(static outcome => outcome.Refusal?.Code).ShouldBe([null, null, ProblemCodes.TooManyOrders]);
        _ = await _world.CancelAsync(_anna, outcomes[0].Order!.Id);
        (await CreateOneMoreAsync("before the first is answered")).Refusal?.Code.ShouldBe(ProblemCodes.TooManyOrders);
        _ = await _world.AnswerAsync();
        (await CreateOneMoreAsync("after")).Order.ShouldNotBeNull();

        Task<OrderOutcome> CreateOneMoreAsync(string body) => strict.CreateAsync(
            MarketWorld.Request(_anna, 1, 1, sell: true), _world.Signed(_anna, null, body), CancellationToken.None);
    }

    [Fact]
    public Task Bid_that_would_escrow_nothing_is_refused() =>
        RefusedAsync(new(0.999m, 0.000001m, BuyerWallet: _anna.Wallet), ProblemCodes.InvalidAmount);

    [Fact]
    public async Task Same_key_and_body_give_the_same_order_whatever_has_become_of_it()
    {
        var first = (await _world.SellAsync(_anna, 1_000, 1, key: "k", expiresIn: TimeSpan.FromMinutes(10))).Order!;
        _ = await _world.AnswerAsync();
        await _world.AdvanceAsync(TimeSpan.FromMinutes(20));
        var again = (await _world.SellAsync(_anna, 1_000, 1, key: "k", expiresIn: TimeSpan.FromMinutes(10))).Order!;
        again.Id.ShouldBe(first.Id);
        again.Status.ShouldBe("expired");
        (await _world.CountAsync("orders")).ShouldBe(1);
    }

    [Fact]
    public async Task Same_key_with_another_body_is_refused_and_another_wallets_key_is_another()
    {
        _ = await _world.SellAsync(_anna, 1_000, 1, key: "k");
        (await _world.SellAsync(_anna, 1_001, 1, key: "k")).Refusal?.Code.ShouldBe(ProblemCodes.IdempotencyKeyReused);
        (await _world.SellAsync(_boon, 1_000, 1, key: "k")).Order.ShouldNotBeNull();
    }

    [Fact]
    public async Task Same_request_many_times_at_once_makes_one_order()
    {
        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => _world.SellAsync(_anna, 1_000, 1, key: "k")));
        outcomes.Select(static outcome => outcome.Order!.Id).Distinct().ShouldHaveSingleItem();
        (await _world.CountAsync("orders")).ShouldBe(1);
        (await _world.CountAsync("chain_outbox")).ShouldBe(1);
    }

    [Fact]
    public async Task Direct_purchase_needs_a_live_sell_order_of_somebody_else()
    {
        (await _world.TakeAsync(_boon, Guid.NewGuid())).Refusal?.Code.ShouldBe(ProblemCodes.UnknownOrder);
        var pending = (await _world.SellAsync(_anna, 1_000, 1_000_000)).Order!.Id;
        (await _world.TakeAsync(_boon, pending)).Refusal?.Code.ShouldBe(ProblemCodes.OrderNotActive);
        _ = await _world.AnswerAsync();
        (await _world.TakeAsync(_anna, pending)).Refusal?.Code.ShouldBe(ProblemCodes.SelfTradingNotAllowed);
        (await _world.TakeAsync(_boon, pending, 0)).Refusal?.Code.ShouldBe(ProblemCodes.InvalidAmount);
        var bid = await _world.ActiveBidAsync(_boon, 100, 500_000);
        (await _world.TakeAsync(_anna, bid)).Refusal?.Code.ShouldBe(ProblemCodes.UnknownOrder);
        var stranger = await _world.TraderAsync("zone-2");
        (await _world.TakeAsync(stranger, pending)).Refusal?.Code.ShouldBe(ProblemCodes.UnknownZone);
        _world.Time.Advance(TimeSpan.FromHours(1));
        (await _world.TakeAsync(_boon, pending)).Refusal?.Code.ShouldBe(ProblemCodes.OrderNotActive);
    }

    [Fact]
    public async Task Direct_purchase_without_an_amount_takes_all_that_is_left()
    {
        var ask = await _world.ActiveAskAsync(_anna, 1_000, 1_000_000);
        var order = (await _world.TakeAsync(_boon, ask)).Order.ShouldNotBeNull();
        order.Energy.Value.ShouldBe(1_000);
        order.LimitPrice.Value.ShouldBe(1_000_000);
        order.TargetOrder.ShouldBe(ask);
    }

    private Task<OrderOutcome> CreateAsync(CreateOrderRequest request) =>
        _world.Placement.CreateAsync(request, _world.Signed(_anna, null, "body"), CancellationToken.None);

    private async Task RefusedAsync(CreateOrderRequest request, string code)
    {
        (await CreateAsync(request)).Refusal?.Code.ShouldBe(code);
        (await _world.CountAsync("orders")).ShouldBe(0);
    }

    private static decimal Number(string text) =>
        decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
