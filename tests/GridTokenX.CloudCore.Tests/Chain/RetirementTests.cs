using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>The burn of a managed wallet, on the real chain.</summary>
public sealed class RetirementTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
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
    public async Task Energy_is_retired_once_and_the_indexer_hears_of_it()
    {
        var wallet = await _rig.CreateSellerAsync(_process, 5_000);
        var before = await _process.Chain.TotalsAsync(CancellationToken.None);
        var retire = Retire(wallet, 333);
        await _rig.EnqueueAsync(_process, retire, retire);
        await _rig.DoAsync(_process, retire);
        await _rig.UntilIdleAsync(_process);
        (await _process.BalancesAsync(wallet)).ShouldBe((4_667_000_000, 0));
        (await _process.Chain.TotalsAsync(CancellationToken.None)).GridSupply
            .ShouldBe(before.GridSupply - 333_000_000);
        (await _rig.CountAsync(
            "select count(*) from chain_events where kind = 'tokens_retired' and signature = $1",
            await _rig.SignatureOfAsync(retire))).ShouldBe(1);
        (await _rig.EffectsAsync(retire, "confirmed")).ShouldBe(1);
    }

    [Fact]
    public async Task More_than_the_wallet_holds_is_refused_by_its_name()
    {
        var wallet = await _rig.CreateSellerAsync(_process, 100);
        var retire = Retire(wallet, 101);
        await _rig.EnqueueAsync(_process, retire);
        await _rig.UntilStatusAsync("parked", retire);
        (await _rig.ErrorOfAsync(retire)).ShouldBe(nameof(ProgramError.InsufficientBalance));
        (await _process.BalancesAsync(wallet)).ShouldBe((100_000_000, 0));
    }

    private static RetireEnergy Retire(Keypair wallet, long wh) =>
        new(Guid.NewGuid(), Guid.NewGuid(), wallet.PublicKey.ToKey32(), new WattHours(wh));
}
