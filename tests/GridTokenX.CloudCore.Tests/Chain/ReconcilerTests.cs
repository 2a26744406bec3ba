using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class ReconcilerTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private ChainRig _rig = null!;
    private CloudProcess _process = null!;
    private Keypair _seller = null!;
    private Keypair _buyer = null!;

    public async Task InitializeAsync()
    {
        _rig = await ChainRig.CreateAsync(fixture.Localnet);
        _process = await _rig.StartAsync();
        await _process.Chain.PrepareAsync(CancellationToken.None);
        _seller = await _rig.CreateWalletAsync(_process);
        _buyer = await _rig.CreateWalletAsync(_process);
        await TradeAsync();
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task Books_and_chain_agree_after_a_trade()
    {
        var report = await ReconcileAsync();
        report.Differences.ShouldBeEmpty();
        (report.Matches, report.Checked, report.Pending).ShouldBe((true, 12, 0));
    }

    [Fact]
    public async Task Tokens_that_an_owner_moved_show_as_that_wallets()
    {
        var info = _process.Chain.Describe();
        var source = AssociatedTokenProgram.AssociatedTokenAddress(_buyer.PublicKey, info.GrxMint.ToPublicKey());
        var destination = AssociatedTokenProgram.AssociatedTokenAddress(_seller.PublicKey, info.GrxMint.ToPublicKey());
        await _rig.SendAsync(_buyer, TokenProgram.Transfer(source, destination, _buyer.PublicKey, 1));

        var report = await ReconcileAsync();
        report.Matches.ShouldBeFalse();
        report.Pending.ShouldBe(0);
        report.Differences.Select(static d => (d.What, d.Chain - d.Database)).ShouldBe(
            [($"wallet {_seller.PublicKey} GRX", 1), ($"wallet {_buyer.PublicKey} GRX", -1)], ignoreOrder: true);
    }

    [Fact]
    public async Task A_mint_that_the_chain_does_not_have_shows_in_the_supply()
    {
        await _rig.ExecuteAsync("update mints set to_net_wh = to_net_wh + 1");
        var report = await ReconcileAsync();
        report.Differences.ShouldHaveSingleItem().What.ShouldBe("GRID supply by mints");
    }

    [Fact]
    public async Task A_deposit_that_the_books_forgot_shows_in_the_escrow()
    {
        await _rig.ExecuteAsync("delete from chain_outbox where kind = 'deposit_money'");
        var report = await ReconcileAsync();
        report.Differences.Select(static d => (d.What, d.Chain - d.Database)).ShouldBe(
            [("GRX escrow", 12_000), ($"wallet {_buyer.PublicKey} GRX", -12_000)], ignoreOrder: true);
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
        var seller = await _rig.AddUserAsync(_seller.PublicKey.ToKey32());
        var buyer = await _rig.AddUserAsync(_buyer.PublicKey.ToKey32());
        await _rig.AddMeterAsync("meter-1", seller, 5000, 0);
        _ = await _process.Mints.RunOnceAsync(CancellationToken.None);
        await _rig.ExecuteAsync(
            "insert into grants (id, wallet, amount_ugrx, status, created_at) values ($1, $2, 20000, 'pending', now())",
            Guid.Empty,
            _buyer.PublicKey.ToArray());
        await SendAllAsync(new GrantMoney(Guid.Empty, _buyer.PublicKey.ToKey32(), new MicroGrx(20_000)));
        await Testing.Eventually.HoldsAsync(async () =>
            await _rig.CountAsync("select count(*) from mints where status = 'completed'") == 1);
        await SendAllAsync(Some.Deposit(_seller, new WattHours(3000)), Some.Deposit(_buyer, new MicroGrx(12_000)));
        var settlement = await _rig.AddSettlementAsync(seller, buyer, wh: 2000, value: 8000, fee: 80, refund: 1000);
        await SendAllAsync(new SettleTrade(
            settlement,
            _seller.PublicKey.ToKey32(),
            _buyer.PublicKey.ToKey32(),
            new WattHours(2000),
            new MicroGrx(7920),
            new MicroGrx(80),
            new MicroGrx(1000)));
        await SendAllAsync(
            new RefundEnergy(Guid.NewGuid(), Guid.NewGuid(), _seller.PublicKey.ToKey32(), new WattHours(400)));
    }

    private Task<ReconciliationReport> ReconcileAsync() => _process.Get<Reconciler>().RunAsync(CancellationToken.None);

    private async Task SendAllAsync(params ChainIntent[] intents)
    {
        await _rig.EnqueueAsync(_process, intents);
        await _rig.UntilStatusAsync("confirmed", intents);
    }
}
