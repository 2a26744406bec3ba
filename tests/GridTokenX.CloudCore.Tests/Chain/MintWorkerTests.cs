using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class MintWorkerTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private const decimal PerWh = 1_000_000;
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    private ChainRig _rig = null!;
    private CloudProcess _process = null!;

    public async Task InitializeAsync()
    {
        _rig = await ChainRig.CreateAsync(fixture.Chain);
        _process = _rig.Create();
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task Net_generation_is_minted_once_and_its_mint_completed_by_the_chains_event()
    {
        await _process.StartAsync();
        var (wallet, _, meter) = await _rig.AddMeteredUserAsync(_process, 5000, 1200);
        (await MintAsync()).ShouldBe(1);
        (await MintAsync()).ShouldBe(0);
        await Eventually.HoldsAsync(async () => await MintedAsync("completed") == 3800);
        (await _process.BalancesAsync(wallet)).Grid.ShouldBe(3800 * PerWh);
        (await _rig.CountAsync(
            """
            select count(*) from mints m join chain_outbox o on o.tx_signature = m.tx_signature
            where m.completed_at is not null
            """)).ShouldBe(1);

        await _rig.SetRegistersAsync(meter, 5100, 1250, TimeSpan.FromMinutes(5));
        (await MintAsync()).ShouldBe(1);
        await Eventually.HoldsAsync(async () => await MintedAsync("completed") == 3850);
        (await _process.BalancesAsync(wallet)).Grid.ShouldBe(3850 * PerWh);
        (await _rig.CountAsync("select chain_settled_wh from meters")).ShouldBe(3850);
    }

    [Fact]
    public async Task A_meter_has_one_mint_under_way_and_the_next_one_says_the_rest()
    {
        await _process.StartAsync();
        var (wallet, _, meter) = await _rig.AddMeteredUserAsync(_process, 1000, 0);
        await _process.Sender.StopAsync(CancellationToken.None);
        (await MintAsync()).ShouldBe(1);
        await _rig.SetRegistersAsync(meter, 1500, 0, TimeSpan.FromMinutes(6));
        (await MintAsync()).ShouldBe(0);

        await using var next = await _rig.StartAsync();
        await Eventually.HoldsAsync(async () => await MintedAsync("completed") == 1000);
        (await MintAsync()).ShouldBe(1);
        next.Outbox.Wake();
        await Eventually.HoldsAsync(async () => await MintedAsync("completed") == 1500);
        (await next.BalancesAsync(wallet)).Grid.ShouldBe(1500 * PerWh);
    }

    [Fact]
    public async Task A_mint_that_the_chain_has_settled_without_us_is_complete()
    {
        await _process.StartAsync();
        var (wallet, _, meter) = await _rig.AddMeteredUserAsync(_process, 700, 0);
        await _process.Sender.StopAsync(CancellationToken.None);
        (await MintAsync()).ShouldBe(1);

        // The oracle's submission is all that is needed; anybody may then ask for the tokens.
        var keys = _process.Get<PlatformKeys>();
        var reading = new MeterRegisters(meter, 700, 0, Neighbourhood.Now.ToUnixTimeSeconds());
        (await _rig.SendAsync(keys.Oracle, _process.Programs.Registry.SubmitMeterReading(
            keys.Oracle.PublicKey, reading))).ShouldBeTrue();
        (await _rig.SendAsync(wallet, _process.Programs.Registry.SettleAndMintTokens(
            _process.Programs.EnergyToken, new MeterMint(meter, wallet.PublicKey)))).ShouldBeTrue();
        await Eventually.HoldsAsync(async () => await MintedAsync("completed") == 700);

        await using var next = await _rig.StartAsync();
        await Eventually.HoldsAsync(async () => await _rig.CountAsync(
            "select count(*) from chain_outbox where kind = 'mint_energy' and status = 'confirmed'") == 1);
        (await next.BalancesAsync(wallet)).Grid.ShouldBe(700 * PerWh);
    }

    [Fact]
    public async Task Night_consumption_is_made_up_before_anything_new_is_minted()
    {
        var owner = await _rig.AddUserAsync(Some.Key);
        await _rig.AddMeterAsync("meter-1", owner, 1000, 0);
        (await MintAsync()).ShouldBe(1);
        await _rig.ExecuteAsync("update mints set status = 'completed'");
        await _rig.SetRegistersAsync("meter-1", 1000, 400, Quarter);
        (await MintAsync()).ShouldBe(0);
        await _rig.SetRegistersAsync("meter-1", 1400, 400, Quarter);
        (await MintAsync()).ShouldBe(0);
        await _rig.SetRegistersAsync("meter-1", 1401, 400, Quarter);
        (await MintAsync()).ShouldBe(1);
        (await MintedAsync("pending")).ShouldBe(1);
    }

    [Fact]
    public async Task What_a_replaced_device_tells_late_is_minted_with_the_next_reading()
    {
        var owner = await _rig.AddUserAsync(Some.Key);
        await _rig.AddMeterAsync("meter-1", owner, 1000, 0);
        (await MintAsync()).ShouldBe(1);
        await _rig.ExecuteAsync("update mints set status = 'completed'");

        // The chain takes the registers of one time once.
        await _rig.SetRegistersAsync("meter-1", 1300, 0);
        (await MintAsync()).ShouldBe(0);
        await _rig.SetRegistersAsync("meter-1", 1310, 0, Quarter);
        (await MintAsync()).ShouldBe(1);
        (await MintedAsync("pending")).ShouldBe(310);
    }

    [Fact]
    public async Task Nothing_is_minted_for_an_owner_who_is_not_verified_or_a_meter_that_is_not_on_chain()
    {
        var owner = await _rig.AddUserAsync(Some.Key, isVerified: false);
        await _rig.AddMeterAsync("meter-1", owner, 1000, 0, isOnChain: false);
        (await MintAsync()).ShouldBe(0);
        await _rig.ExecuteAsync("update users set verified = true");
        (await MintAsync()).ShouldBe(0);
        await _rig.ExecuteAsync("update meters set registered_on_chain_at = now()");
        (await MintAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Many_meters_are_minted_in_rounds_of_fifty()
    {
        var owner = await _rig.AddUserAsync(Some.Key);
        for (var i = 0; i < 120; i++)
        {
            await _rig.AddMeterAsync($"meter-{i:D3}", owner, 10, 3);
        }

        (await MintAsync()).ShouldBe(50);
        (await MintAsync()).ShouldBe(50);
        (await MintAsync()).ShouldBe(20);
        (await MintAsync()).ShouldBe(0);
        (await MintedAsync("pending")).ShouldBe(840);
        (await _rig.CountAsync("select count(*) from chain_outbox where kind = 'mint_energy'")).ShouldBe(120);
    }

    [Fact]
    public async Task Two_workers_at_once_mint_nothing_twice()
    {
        var owner = await _rig.AddUserAsync(Some.Key);
        for (var i = 0; i < 40; i++)
        {
            await _rig.AddMeterAsync($"meter-{i:D3}", owner, 10, 3);
        }

        await using var other = _rig.Create();
        var done = await Task.WhenAll(MintAsync(), other.Mints.RunOnceAsync(CancellationToken.None), MintAsync());
        done.Sum().ShouldBe(40);
        (await MintedAsync("pending")).ShouldBe(280);
        (await _rig.CountAsync("select sum(settled_net_wh)::bigint from meters")).ShouldBe(280);
    }

    private Task<int> MintAsync() => _process.Mints.RunOnceAsync(CancellationToken.None);

    private Task<long> MintedAsync(string status) => _rig.CountAsync(
        "select coalesce(sum(to_net_wh - from_net_wh), 0)::bigint from mints where status = $1", status);
}
