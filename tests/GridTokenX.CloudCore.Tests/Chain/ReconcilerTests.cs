using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Api;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>Every test has a chain of its own, as the reconciler looks at all of it.</summary>
public sealed class ReconcilerTests : IAsyncLifetime
{
    private PlatformChain _chain = null!;
    private ChainRig _rig = null!;
    private CloudProcess _process = null!;
    private Keypair _seller = null!;
    private Keypair _buyer = null!;
    private PlaceOrder _sell = null!;
    private PlaceOrder _buy = null!;

    public async Task InitializeAsync()
    {
        _chain = await PlatformChain.StartAsync();
        _rig = await ChainRig.CreateAsync(_chain);
        _process = await _rig.StartAsync();
        await TradeAsync();
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _rig.DisposeAsync();
        await _chain.DisposeAsync();
    }

    [Fact]
    public async Task Books_and_chain_agree_after_a_trade_that_rounds()
    {
        var report = await ReconcileAsync();
        report.Differences.ShouldBeEmpty();
        report.Outside.ShouldBeEmpty();
        (report.Matches, report.Pending).ShouldBe((true, 0));
        report.Checked.ShouldBeGreaterThan(25);

        var sponsor = _process.Sponsor();
        await _rig.DoAsync(_process, Some.Release(_sell, sponsor), Some.Release(_buy, sponsor));
        await _rig.UntilIdleAsync(_process);
        await _rig.ExecuteAsync("update orders set escrow = 'closed'");
        (await ReconcileAsync()).Differences.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_owners_do_with_their_own_tokens_is_from_outside()
    {
        var (grid, grx) = _process.Programs.AccountsOf(_buyer.PublicKey.ToKey32());
        var theirs = _process.Programs.AccountsOf(_seller.PublicKey.ToKey32());
        var key = _buyer.PublicKey;
        (await _rig.SendAsync(
            _buyer,
            TokenProgram.Transfer(grx, theirs.Grx, key, 1),
            TokenProgram.Transfer(grx, _process.Programs.Trading.GrxVault, key, 2),
            TokenProgram.Transfer(grx, _process.Programs.FeeAccount, key, 3),
            TokenProgram.Burn(grx, _process.Programs.GrxMint, key, 4),
            TokenProgram.Burn(grid, _process.Programs.GridMint, key, 5),
            _process.Programs.EnergyToken.Retire(key, 6))).ShouldBeTrue();
        await UntilIndexedAsync("tokens_retired");

        var report = await ReconcileAsync();
        report.Differences.ShouldBeEmpty();
        report.Outside.Select(static d => (d.What, d.Chain - d.Database)).ShouldBe(
            [
                ($"wallet {_seller.PublicKey} GRX", 1m),
                ($"wallet {_buyer.PublicKey} GRX", -10m),
                ($"wallet {_buyer.PublicKey} GRID", -5m),
                ("GRX vault", 2m),
                ("fee account", 3m),
                ("GRX supply", -4m),
                ("GRID supply", -5m),
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task An_order_past_the_platform_is_from_outside_even_with_a_transfer_beside_it()
    {
        var stranger = Some.Order(_seller, "sell", 5, 4_000, Neighbourhood.Now.AddHours(1));
        var account = _process.Programs.AccountsOf(_seller.PublicKey.ToKey32()).Grid;
        var theirs = _process.Programs.AccountsOf(_buyer.PublicKey.ToKey32()).Grid;
        (await _rig.SendAsync(
            _seller,
            _process.Programs.Trading.CreateSellOrder(
                _seller.PublicKey, _seller.PublicKey, IntentInstructions.TermsOf(stranger)),
            TokenProgram.Transfer(account, theirs, _seller.PublicKey, 7))).ShouldBeTrue();
        await Eventually.HoldsAsync(async () => await _rig.CountAsync(
            "select count(*) from chain_events where event->>'order_id' = $1 and kind = 'order_created'",
            $"{stranger.ChainOrderId}") == 1);

        var report = await ReconcileAsync();
        report.Differences.ShouldBeEmpty();
        report.Outside.Select(static d => (d.What, d.Chain - d.Database)).ShouldBe(
            [
                ($"order {stranger.ChainOrderId} of {_seller.PublicKey}: escrowed", 5_000_000m),
                ($"wallet {_seller.PublicKey} GRID", -7m),
                ($"wallet {_buyer.PublicKey} GRID", 7m),
            ],
            ignoreOrder: true);
    }

    [Theory]
    [InlineData("update orders set settled_wh = settled_wh - 1 where side = 'sell'", "filled")]
    [InlineData("update orders set limit_price = limit_price + 1 where side = 'buy'", "price")]
    [InlineData("update orders set escrow = 'closed' where side = 'buy'", "accounts")]
    [InlineData("update orders set chain_order_id = 1 where side = 'sell'", "accounts")]
    [InlineData("update meters set chain_settled_wh = chain_settled_wh + 1", "settled, Wh")]
    [InlineData("update meters set registered_on_chain_at = null", "accounts")]
    [InlineData("update mints set to_net_wh = to_net_wh + 1", "mints")]
    [InlineData("update settlements set fee_ugrx = fee_ugrx - 1", "fees by settlements")]
    [InlineData("delete from chain_events where kind = 'trade_executed'", "GRX")]
    [InlineData("delete from chain_outbox where kind = 'grant_money'", "GRX supply")]
    public async Task What_the_database_has_otherwise_than_the_chain_is_a_difference(string sql, string what)
    {
        await _rig.ExecuteAsync(sql);
        var report = await ReconcileAsync();
        report.Matches.ShouldBeFalse();
        report.Differences.ShouldContain(difference => difference.What.Contains(what));
    }

    [Fact]
    public async Task What_is_under_way_is_said()
    {
        await _process.Sender.StopAsync(CancellationToken.None);
        await _rig.EnqueueAsync(_process, Some.Grant(_buyer, 5));
        var report = await ReconcileAsync();
        report.Matches.ShouldBeTrue();
        report.Pending.ShouldBe(1);
    }

    private async Task TradeAsync()
    {
        (_seller, var seller, _) = await _rig.AddMeteredUserAsync(_process, 5000, 0);
        _buyer = await _rig.CreateBuyerAsync(_process, 20_000);
        var buyer = await _rig.AddUserAsync(_buyer.PublicKey.ToKey32());
        (await _process.Mints.RunOnceAsync(CancellationToken.None)).ShouldBe(1);
        await _rig.UntilIdleAsync(_process);
        _sell = await _rig.PlaceAsync(_process, _seller, "sell", 3000, 3_000);
        _buy = await _rig.PlaceAsync(_process, _buyer, "buy", 3001, 3_333);
        var sponsor = _process.Sponsor();
        var first = Some.Settlement(_sell, _buy, 333, 3_001, sponsor);
        var second = Some.Settlement(_sell, _buy, 1001, 3_333, sponsor);
        await _rig.DoAsync(_process, first);
        await _rig.DoAsync(_process, second);
        await _rig.UntilIdleAsync(_process);
        await _rig.AddOrderAsync(seller, _sell, sponsor, settledWh: 1334);
        await _rig.AddOrderAsync(buyer, _buy, sponsor, settledWh: 1334);
        await _rig.AddSettlementAsync(_sell, _buy, first, value: 999, fee: 9);
        await _rig.AddSettlementAsync(_sell, _buy, second, value: 3336, fee: 33);
    }

    private Task UntilIndexedAsync(string kind) => Eventually.HoldsAsync(async () =>
        await _rig.CountAsync("select count(*) from chain_events where kind = $1", kind) > 0);

    private Task<ReconciliationReport> ReconcileAsync() => _process.Get<Reconciler>().RunAsync(CancellationToken.None);
}
