using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class OutboxSenderTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private const decimal PerWh = 1_000_000;

    private ChainRig _rig = null!;
    private CloudProcess _process = null!;

    public async Task InitializeAsync()
    {
        _rig = await ChainRig.CreateAsync(fixture.Chain);
        _process = await _rig.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task Each_kind_of_intent_moves_exactly_what_it_says()
    {
        var before = await _process.Chain.TotalsAsync(CancellationToken.None);
        var seller = await _rig.CreateSellerAsync(_process, 5000);
        var buyer = await _rig.CreateBuyerAsync(_process, 20_000);
        var sell = await _rig.PlaceAsync(_process, seller, "sell", 3000, 4_000);
        var buy = await _rig.PlaceAsync(_process, buyer, "buy", 3000, 5_000);
        (await _process.BalancesAsync(seller)).ShouldBe((2000 * PerWh, 0));
        (await _process.BalancesAsync(buyer)).ShouldBe((0, 5_000));

        await _rig.DoAsync(_process, Some.Settlement(sell, buy, 2000, 4_500, _process.Sponsor()));
        await _rig.DoAsync(
            _process, Some.Release(sell, _process.Sponsor()), Some.Release(buy, _process.Sponsor()));
        (await _process.BalancesAsync(seller)).ShouldBe((3000 * PerWh, 8_910));
        (await _process.BalancesAsync(buyer)).ShouldBe((2000 * PerWh, 11_000));
        var after = await _process.Chain.TotalsAsync(CancellationToken.None);
        after.ShouldBe(new ChainTotalsOnChain(
            before.GridSupply + (5000 * 1_000_000UL),
            before.GridVault,
            before.GrxSupply + new MicroGrx(20_000),
            before.GrxVault,
            before.Fees + new MicroGrx(90)));
    }

    [Fact]
    public async Task An_intent_enqueued_twice_happens_once()
    {
        var wallet = await _rig.CreateUserAsync(_process);
        var grant = Some.Grant(wallet, 7);
        await _rig.EnqueueAsync(_process, grant, grant);
        await _rig.DoAsync(_process, grant);
        await _rig.EnqueueAsync(_process, grant);
        await _rig.DoAsync(_process, Some.Grant(wallet, 10));

        (await _process.BalancesAsync(wallet)).Grx.ShouldBe(17);
        (await _rig.EffectsAsync(grant, "confirmed")).ShouldBe(1);
    }

    [Fact]
    public async Task The_bytes_of_what_is_confirmed_are_not_kept()
    {
        var wallet = await _rig.CreateUserAsync(_process);
        await _rig.DoAsync(_process, Some.Grant(wallet, 7));

        (await _rig.CountAsync("select count(*) from chain_outbox where status = 'confirmed'")).ShouldBePositive();
        (await _rig.CountAsync(
            "select count(*) from chain_outbox where status = 'confirmed' and transaction is not null")).ShouldBe(0);
    }

    [Fact]
    public async Task An_intent_whose_cause_is_rolled_back_does_not_exist()
    {
        await using (var unit = await _rig.Source.BeginAsync(CancellationToken.None))
        {
            var wallet = Keypair.Generate();
            await _process.Outbox.EnqueueAsync(unit.Transaction, [Some.Grant(wallet, 7)], CancellationToken.None);
        }

        (await _rig.CountAsync("select count(*) from chain_outbox")).ShouldBe(0);
    }

    [Fact]
    public async Task An_order_of_more_than_the_wallet_holds_is_refused_for_good()
    {
        var wallet = await _rig.CreateSellerAsync(_process, 10);
        var order = Some.Order(wallet, "sell", 11, 4_000, Neighbourhood.Now.AddHours(1));
        await _rig.EnqueueAsync(_process, order);
        await _rig.UntilStatusAsync("refused", order);

        (await _process.BalancesAsync(wallet)).Grid.ShouldBe(10 * PerWh);
        (await _rig.EffectsAsync(order, "refused")).ShouldBe(1);
        (await _rig.EffectsAsync(order, "confirmed")).ShouldBe(0);
        (await _rig.ErrorOfAsync(order)).ShouldBe("InsufficientBalance");
    }

    [Fact]
    public async Task A_grant_for_a_wallet_without_an_account_creates_it_at_the_second_try()
    {
        var wallet = Keypair.Generate();
        var grant = Some.Grant(wallet, 9);
        await _rig.DoAsync(_process, grant);

        (await _process.BalancesAsync(wallet)).Grx.ShouldBe(9);
        (await _rig.CountAsync("select attempts::bigint from chain_outbox where intent_id = $1", grant.Id)).ShouldBe(0);
        (await _rig.EffectsAsync(grant, "refused")).ShouldBe(0);
    }

    [Fact]
    public async Task What_the_chain_refuses_ten_times_is_parked_and_sent_again_after_a_hand()
    {
        var wallet = await _rig.CreateUserAsync(_process);
        var meter = Some.MeterId;
        var mint = Some.Mint(wallet, meter, 3, Neighbourhood.Now);
        await _rig.EnqueueAsync(_process, mint);
        await _rig.UntilStatusAsync("parked", mint);

        (await _rig.EffectsAsync(mint, "refused")).ShouldBe(OutboxCloser.MaxAttempts);
        (await _rig.EffectsAsync(mint, "parked")).ShouldBe(1);

        await _rig.DoAsync(_process, Some.Meter(wallet, meter, Neighbourhood.Now));
        await _rig.ExecuteAsync(
            "update chain_outbox set status = 'pending', attempts = 0 where intent_id = $1", mint.Id);
        await _rig.UntilStatusAsync("confirmed", mint);
        (await _process.BalancesAsync(wallet)).Grid.ShouldBe(3 * PerWh);
    }

    [Fact]
    public async Task What_no_transaction_can_express_is_parked_at_once_and_stops_nothing_else()
    {
        var wallet = await _rig.CreateUserAsync(_process);
        var absurd = Some.Grant(wallet, -1);
        var grant = Some.Grant(wallet, 1);
        await _rig.EnqueueAsync(_process, absurd, grant);
        await _rig.UntilStatusAsync("parked", absurd);
        await _rig.UntilStatusAsync("confirmed", grant);
        (await _rig.EffectsAsync(absurd, "parked")).ShouldBe(1);
    }

    [Fact]
    public async Task An_intent_of_a_newer_version_is_parked_and_stops_nothing_else()
    {
        var wallet = await _rig.CreateUserAsync(_process);
        await _rig.ExecuteAsync(
            """
            insert into chain_outbox (intent_id, kind, intent, next_attempt_at, created_at)
            values (gen_random_uuid(), 'fly_away', '{"kind":"fly_away"}', now() - interval '1 minute', now())
            """);
        await _rig.DoAsync(_process, Some.Grant(wallet, 1));
        (await _rig.CountAsync("select count(*) from chain_outbox where status = 'parked'")).ShouldBe(1);
    }

    [Fact]
    public async Task An_effect_that_fails_leaves_its_own_row_open_and_nothing_of_itself()
    {
        var wallet = await _rig.CreateUserAsync(_process);
        var intents = Enumerable.Range(1, 8).Select(i => Some.Grant(wallet, i)).ToArray();
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

        (await _process.BalancesAsync(wallet)).Grx.ShouldBe(36);
    }

    [Fact]
    public async Task Two_senders_at_once_do_each_thing_once()
    {
        await using var second = await _rig.StartAsync();
        var wallet = await _rig.CreateUserAsync(_process);
        var intents = Enumerable.Range(1, 300).Select(_ => Some.Grant(wallet, 1)).ToArray();
        await _rig.EnqueueAsync(_process, [.. intents]);
        second.Outbox.Wake();
        await _rig.UntilStatusAsync("confirmed", [.. intents]);

        (await _process.BalancesAsync(wallet)).Grx.ShouldBe(300);
        (await _rig.CountAsync(
            "select count(*) from test_effects where intent = any ($1)", intents.Select(i => i.Id).ToArray()))
            .ShouldBe(300);
    }

    [Fact]
    public async Task When_the_sending_process_ends_the_one_that_stands_by_takes_over()
    {
        await using var second = await _rig.StartAsync();
        await _process.Sender.StopAsync(CancellationToken.None);
        var wallet = Keypair.Generate();
        await _rig.DoAsync(second, Some.User(wallet), Some.Grant(wallet, 4));
        (await second.BalancesAsync(wallet)).Grx.ShouldBe(4);
    }
}
