using GridTokenX.CloudCore.Chain;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class MintWorkerTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private ChainRig _rig = null!;
    private CloudProcess _process = null!;

    public async Task InitializeAsync()
    {
        _rig = await ChainRig.CreateAsync(fixture.Localnet);
        _process = _rig.Create();
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task Net_generation_is_minted_once_and_its_mint_completed()
    {
        var wallet = Keypair.Generate();
        await _rig.AddMeterAsync("meter-1", await _rig.AddUserAsync(wallet.PublicKey.ToKey32()), 5000, 1200);
        (await MintAsync()).ShouldBe(1);
        (await MintAsync()).ShouldBe(0);

        await _process.Sender.StartAsync(CancellationToken.None);
        await Testing.Eventually.HoldsAsync(async () => await MintedAsync("completed") == 3800);
        (await _process.Chain.TotalsAsync(CancellationToken.None)).GridSupply.ShouldBe(3800UL * 1_000_000);
        (await _rig.CountAsync("select count(*) from mints where tx_signature > '' and completed_at is not null"))
            .ShouldBe(1);
    }

    [Fact]
    public async Task Night_consumption_is_made_up_before_anything_new_is_minted()
    {
        var owner = await _rig.AddUserAsync(Keypair.Generate().PublicKey.ToKey32());
        await _rig.AddMeterAsync("meter-1", owner, 1000, 0);
        (await MintAsync()).ShouldBe(1);
        await _rig.SetRegistersAsync("meter-1", 1000, 400);
        (await MintAsync()).ShouldBe(0);
        await _rig.SetRegistersAsync("meter-1", 1400, 400);
        (await MintAsync()).ShouldBe(0);
        await _rig.SetRegistersAsync("meter-1", 1401, 400);
        (await MintAsync()).ShouldBe(1);
        (await MintedAsync("pending")).ShouldBe(1001);
    }

    [Fact]
    public async Task Nothing_is_minted_for_an_owner_who_is_not_verified()
    {
        var owner = await _rig.AddUserAsync(Keypair.Generate().PublicKey.ToKey32(), isVerified: false);
        await _rig.AddMeterAsync("meter-1", owner, 1000, 0);
        (await MintAsync()).ShouldBe(0);
        await _rig.ExecuteAsync("update users set verified = true");
        (await MintAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Many_meters_are_minted_in_rounds_of_fifty()
    {
        var owner = await _rig.AddUserAsync(Keypair.Generate().PublicKey.ToKey32());
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
        var owner = await _rig.AddUserAsync(Keypair.Generate().PublicKey.ToKey32());
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
