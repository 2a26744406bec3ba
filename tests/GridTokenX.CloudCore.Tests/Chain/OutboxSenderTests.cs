using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class OutboxSenderTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private const decimal PerWh = 1_000_000;

    private ChainRig _rig = null!;
    private CloudProcess _process = null!;

    public async Task InitializeAsync()
    {
        _rig = await ChainRig.CreateAsync(fixture.Localnet);
        _process = await _rig.StartAsync();
        await _process.Chain.PrepareAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task Each_kind_of_intent_moves_exactly_what_it_says()
    {
        var seller = await _rig.CreateWalletAsync(_process);
        var buyer = await _rig.CreateWalletAsync(_process);
        await SendAllAsync(Some.Mint(seller, 5000), Some.Grant(buyer, 20_000));
        await SendAllAsync(
            Some.Deposit(seller, new WattHours(3000)), Some.Deposit(buyer, new MicroGrx(12_000)));
        var trade = new SettleTrade(
            Guid.NewGuid(),
            seller.PublicKey.ToKey32(),
            buyer.PublicKey.ToKey32(),
            new WattHours(2000),
            new MicroGrx(7920),
            new MicroGrx(80),
            new MicroGrx(1000));
        await SendAllAsync(
            trade,
            new RefundEnergy(Guid.NewGuid(), Guid.NewGuid(), seller.PublicKey.ToKey32(), new WattHours(1000)),
            new RefundMoney(Guid.NewGuid(), Guid.NewGuid(), buyer.PublicKey.ToKey32(), new MicroGrx(3000)));

        (await _process.BalancesAsync(seller)).ShouldBe((3000 * PerWh, 7920));
        (await _process.BalancesAsync(buyer)).ShouldBe((2000 * PerWh, 12_000));
        (await _process.Chain.TotalsAsync(CancellationToken.None)).ShouldBe(new ChainTotalsOnChain(
            5000 * 1_000_000UL, 0, new MicroGrx(20_000), MicroGrx.Zero, new MicroGrx(80)));
        await ShouldBeOnChainOnceAsync(trade);
    }

    [Fact]
    public async Task An_intent_enqueued_twice_happens_once()
    {
        var wallet = await _rig.CreateWalletAsync(_process);
        var mint = Some.Mint(wallet, 7);
        await _rig.EnqueueAsync(_process, mint, mint);
        await SendAllAsync(mint);
        await _rig.EnqueueAsync(_process, mint);
        await SendAllAsync(Some.Mint(wallet, 10));

        (await _process.BalancesAsync(wallet)).Grid.ShouldBe(17 * PerWh);
        (await _rig.EffectsAsync(mint, "confirmed")).ShouldBe(1);
    }

    [Fact]
    public async Task An_intent_whose_cause_is_rolled_back_does_not_exist()
    {
        await using (var unit = await _rig.Source.BeginAsync(CancellationToken.None))
        {
            var wallet = Keypair.Generate();
            await _process.Outbox.EnqueueAsync(unit.Transaction, [Some.Mint(wallet, 7)], CancellationToken.None);
        }

        (await _rig.CountAsync("select count(*) from chain_outbox")).ShouldBe(0);
    }

    [Fact]
    public async Task A_deposit_of_more_than_the_wallet_holds_is_refused_for_good()
    {
        var wallet = await _rig.CreateWalletAsync(_process);
        await SendAllAsync(Some.Mint(wallet, 10));
        var deposit = Some.Deposit(wallet, new WattHours(11));
        await _rig.EnqueueAsync(_process, deposit);
        await _rig.UntilStatusAsync("refused", deposit);

        (await _process.BalancesAsync(wallet)).Grid.ShouldBe(10 * PerWh);
        (await _rig.EffectsAsync(deposit, "refused")).ShouldBe(1);
        (await _rig.EffectsAsync(deposit, "confirmed")).ShouldBe(0);
        (await ErrorOfAsync(deposit)).ShouldContain("custom error 1");
    }

    [Fact]
    public async Task A_deposit_from_a_wallet_that_did_not_delegate_is_refused_for_good()
    {
        var wallet = await _rig.CreateWalletAsync(_process, delegates: false);
        await SendAllAsync(Some.Grant(wallet, 100));
        var deposit = Some.Deposit(wallet, new MicroGrx(5));
        await _rig.EnqueueAsync(_process, deposit);
        await _rig.UntilStatusAsync("refused", deposit);

        (await _process.BalancesAsync(wallet)).Grx.ShouldBe(100);
        (await ErrorOfAsync(deposit)).ShouldContain("custom error 4");
    }

    [Fact]
    public async Task A_mint_for_a_wallet_without_an_account_is_refused_once_and_then_creates_it()
    {
        var wallet = Keypair.Generate();
        var mint = Some.Mint(wallet, 9);
        await SendAllAsync(mint);

        (await _rig.CountAsync("select attempts::bigint from chain_outbox where intent_id = $1", mint.Id)).ShouldBe(1);
        var (grid, _) = AccountsOf(wallet);
        (await _rig.Rpc.GetTokenAccountBalanceAsync(grid)).Amount.ShouldBe(9UL * 1_000_000);
        (await _rig.EffectsAsync(mint, "refused")).ShouldBe(1);
        (await _rig.EffectsAsync(mint, "confirmed")).ShouldBe(1);
    }

    [Fact]
    public async Task What_the_chain_refuses_ten_times_is_parked_and_sent_again_after_a_hand()
    {
        var wallet = await _rig.CreateWalletAsync(_process);
        var refund = new RefundEnergy(Guid.NewGuid(), Guid.NewGuid(), wallet.PublicKey.ToKey32(), new WattHours(3));
        await _rig.EnqueueAsync(_process, refund);
        await _rig.UntilStatusAsync("parked", refund);

        (await _rig.EffectsAsync(refund, "refused")).ShouldBe(OutboxCloser.MaxAttempts);
        (await _rig.EffectsAsync(refund, "parked")).ShouldBe(1);

        await SendAllAsync(Some.Mint(wallet, 3));
        await SendAllAsync(Some.Deposit(wallet, new WattHours(3)));
        await _rig.ExecuteAsync(
            "update chain_outbox set status = 'pending', attempts = 0 where intent_id = $1", refund.Id);
        await _rig.UntilStatusAsync("confirmed", refund);
        (await _process.BalancesAsync(wallet)).Grid.ShouldBe(3 * PerWh);
    }

    [Fact]
    public async Task What_no_transaction_can_express_is_parked_at_once_and_stops_nothing_else()
    {
        var wallet = await _rig.CreateWalletAsync(_process);
        var absurd = Some.Mint(wallet, long.MaxValue);
        var mint = Some.Mint(wallet, 1);
        await _rig.EnqueueAsync(_process, absurd, mint);
        await _rig.UntilStatusAsync("parked", absurd);
        await _rig.UntilStatusAsync("confirmed", mint);
        (await _rig.EffectsAsync(absurd, "parked")).ShouldBe(1);
    }

    [Fact]
    public async Task An_intent_of_a_newer_version_is_parked_and_stops_nothing_else()
    {
        var wallet = await _rig.CreateWalletAsync(_process);
        var mint = Some.Mint(wallet, 1);
        await _rig.ExecuteAsync(
            """
            insert into chain_outbox (intent_id, kind, intent, next_attempt_at, created_at)
            values (gen_random_uuid(), 'fly_away', '{"kind":"fly_away"}', now() - interval '1 minute', now())
            """);
        await _rig.EnqueueAsync(_process, mint);
        await _rig.UntilStatusAsync("confirmed", mint);
        (await _rig.CountAsync("select count(*) from chain_outbox where status = 'parked'")).ShouldBe(1);
    }

    [Fact]
    public async Task An_effect_that_fails_leaves_its_own_row_open_and_nothing_of_itself()
    {
        var wallet = await _rig.CreateWalletAsync(_process);
        var intents = Enumerable.Range(1, 8).Select(i => Some.Mint(wallet, i)).ToArray();
        var broken = intents[3];
        _process.Effect.Broken[broken.Id] = true;
        await _rig.EnqueueAsync(_process, [.. intents]);
        await _rig.UntilStatusAsync("confirmed", [.. intents.Where(intent => intent != broken)]);
        await _rig.UntilStatusAsync("sent", broken);
        (await _rig.EffectsAsync(broken, "confirmed")).ShouldBe(0);

        _ = _process.Effect.Broken.TryRemove(broken.Id, out _);
        await _rig.ExecuteAsync("update chain_outbox set next_attempt_at = created_at");
        await _rig.UntilStatusAsync("confirmed", broken);
        foreach (var intent in intents)
        {
            (await _rig.EffectsAsync(intent, "confirmed")).ShouldBe(1);
        }

        (await _process.BalancesAsync(wallet)).Grid.ShouldBe(36 * PerWh);
    }

    [Fact]
    public async Task Two_senders_at_once_do_each_thing_once()
    {
        await using var second = await _rig.StartAsync();
        var wallet = await _rig.CreateWalletAsync(_process);
        var intents = Enumerable.Range(1, 300).Select(_ => Some.Mint(wallet, 1)).ToArray();
        await _rig.EnqueueAsync(_process, [.. intents]);
        second.Outbox.Wake();
        await _rig.UntilStatusAsync("confirmed", [.. intents]);

        (await _process.BalancesAsync(wallet)).Grid.ShouldBe(300 * PerWh);
        (await _rig.CountAsync("select count(*) from test_effects")).ShouldBe(300);
    }

    [Fact]
    public async Task When_the_sending_process_ends_the_one_that_stands_by_takes_over()
    {
        await using var second = await _rig.StartAsync();
        await _process.Sender.StopAsync(CancellationToken.None);
        var wallet = await _rig.CreateWalletAsync(second);
        var mint = Some.Mint(wallet, 4);
        await _rig.EnqueueAsync(second, mint);
        await _rig.UntilStatusAsync("confirmed", mint);
        (await _process.BalancesAsync(wallet)).Grid.ShouldBe(4 * PerWh);
    }

    private async Task SendAllAsync(params ChainIntent[] intents)
    {
        await _rig.EnqueueAsync(_process, intents);
        await _rig.UntilStatusAsync("confirmed", intents);
    }

    private async Task ShouldBeOnChainOnceAsync(ChainIntent intent)
    {
        var history = await _rig.Rpc.GetSignaturesForAddressAsync(_process.Chain.Describe().GridEscrow.ToPublicKey());
        var memo = IntentKinds.MemoOf(intent);
        history.Count(entry => entry.Error is null && entry.Memo?.Contains(memo, StringComparison.Ordinal) == true)
            .ShouldBe(1);
    }

    private async Task<string> ErrorOfAsync(ChainIntent intent)
    {
        await using var command = _rig.Source.CreateCommand("select last_error from chain_outbox where intent_id = $1");
        command.Parameters.Add(new() { Value = intent.Id });
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private (PublicKey Grid, PublicKey Grx) AccountsOf(Keypair wallet)
    {
        var info = _process.Chain.Describe();
        return (AssociatedTokenProgram.AssociatedTokenAddress(wallet.PublicKey, info.GridMint.ToPublicKey()),
            AssociatedTokenProgram.AssociatedTokenAddress(wallet.PublicKey, info.GrxMint.ToPublicKey()));
    }
}
