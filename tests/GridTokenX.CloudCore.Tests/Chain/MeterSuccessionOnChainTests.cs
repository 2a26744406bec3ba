using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs;
using GridTokenX.Programs.Accounts;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>
/// What becomes of a meter's account on chain when the meter is revoked, or another device takes it over. Every test
/// has a chain of its own, as the reconciler looks at all of it.
/// </summary>
public sealed class MeterSuccessionOnChainTests : IAsyncLifetime
{
    private const decimal PerWh = 1_000_000;
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    private PlatformChain _chain = null!;
    private ChainRig _rig = null!;
    private CloudProcess _process = null!;
    private Keypair _wallet = null!;
    private string _meter = null!;

    public async Task InitializeAsync()
    {
        _chain = await PlatformChain.StartAsync();
        _rig = await ChainRig.CreateAsync(_chain);
        _process = await _rig.StartAsync();
        (_wallet, _, _meter) = await _rig.AddMeteredUserAsync(_process, 5000, 1200);

        // What is read from here on lies in the past.
        await _rig.ExecuteAsync("update meters set last_reading_at = last_reading_at - interval '5 hours'");
        await MintedAsync(3800);
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _rig.DisposeAsync();
        await _chain.DisposeAsync();
    }

    [Fact]
    public async Task Revoked_meter_is_minted_to_its_end_and_then_inactive_for_good()
    {
        await _rig.SetRegistersAsync(_meter, 5200, 1250, Quarter);
        await RevokeAsync();
        (await DeactivateAsync()).ShouldBe(0);
        await MintedAsync(3950);
        (await DeactivateAsync()).ShouldBe(1);
        await Eventually.HoldsAsync(async () => await _rig.CountAsync(
            "select count(*) from meters where deactivated_on_chain_at is not null") == 1);
        await _rig.UntilIdleAsync(_process);

        var account = await AccountAsync();
        (account.IsActive, account.SettledNetGeneration).ShouldBe((false, 3950ul));
        (await DeactivateAsync()).ShouldBe(0);
        (await _process.Mints.RunOnceAsync(CancellationToken.None)).ShouldBe(0);
        await ReconciledAsync();

        // Whatever the platform's oracle might say: the program takes nothing of it any more, nor mints for it.
        var oracle = _process.Get<PlatformKeys>().Oracle;
        var registry = _process.Programs.Registry;
        (await _rig.SendAsync(oracle, registry.SubmitMeterReading(
            oracle.PublicKey,
            new MeterRegisters(_meter, 9000, 1250, Neighbourhood.Now.ToUnixTimeSeconds())))).ShouldBeFalse();
        (await _rig.SendAsync(_wallet, registry.SettleAndMintTokens(
            _process.Programs.EnergyToken, new MeterMint(_meter, _wallet.PublicKey)))).ShouldBeFalse();
        (await _process.BalancesAsync(_wallet)).Grid.ShouldBe(3950 * PerWh);
    }

    [Fact]
    public async Task What_a_replaced_device_told_late_is_minted_although_the_meter_is_revoked_before_its_next_reading()
    {
        await _rig.SetRegistersAsync(_meter, 5300, 1200);
        (await _process.Mints.RunOnceAsync(CancellationToken.None)).ShouldBe(0);
        await RevokeAsync();

        await MintedAsync(4100);
        (await DeactivateAsync()).ShouldBe(1);
        await _rig.UntilIdleAsync(_process);

        (await AccountAsync()).IsActive.ShouldBeFalse();
        await ReconciledAsync();
    }

    [Fact]
    public async Task Deactivation_that_somebody_else_was_faster_with_is_done()
    {
        (await _rig.SendAsync(_wallet, _process.Programs.Registry.DeactivateMeter(_wallet.PublicKey, _meter)))
            .ShouldBeTrue();
        await RevokeAsync();
        (await DeactivateAsync()).ShouldBe(1);

        await Eventually.HoldsAsync(async () => await _rig.CountAsync(
            "select count(*) from chain_outbox where kind = 'deactivate_meter' and status = 'confirmed'") == 1);
        await _rig.UntilIdleAsync(_process);
        await ReconciledAsync();
    }

    [Fact]
    public async Task Device_that_takes_a_meter_over_goes_on_in_the_same_account_with_what_was_settled()
    {
        var before = await AccountAsync();
        var next = await ReplacedAsync();

        await _rig.SetRegistersAsync(_meter, 6000, 1300, Quarter);
        await MintedAsync(4700);

        var account = await AccountAsync();
        account.Device.ShouldBe(before.Device, "the chain knows the meter by its first device");
        account.Device.ShouldNotBe(next.ToPublicKey());
        (account.IsActive, account.TotalProduction, account.TotalConsumption, account.SettledNetGeneration)
            .ShouldBe((true, 6000ul, 1300ul, 4700ul));
        (await _rig.CountAsync("select count(*) from mints where meter_id = $1", _meter)).ShouldBe(2);
        await ReconciledAsync();

        // Also the second one in a row, and then the meter's end.
        _ = await ReplacedAsync();
        await _rig.SetRegistersAsync(_meter, 6100, 1300, Quarter);
        await MintedAsync(4800);
        await RevokeAsync();
        (await DeactivateAsync()).ShouldBe(1);
        await _rig.UntilIdleAsync(_process);
        (await AccountAsync()).IsActive.ShouldBeFalse();
        (await _rig.CountAsync("select count(*) from former_devices where meter_id = $1", _meter)).ShouldBe(2);
        await ReconciledAsync();
    }

    private async Task<Key32> ReplacedAsync()
    {
        var old = new Key32(await _rig.ScalarAsync<byte[]>("select device from meters where meter_id = $1", _meter));
        var enrolment = new Enrolment(
            _meter,
            Some.Key,
            null,
            new Key32(await _rig.ScalarAsync<byte[]>("select gateway from meters where meter_id = $1", _meter)),
            new byte[64],
            old,
            await _rig.ScalarAsync<Guid>("select owner_id from meters where meter_id = $1", _meter),
            _wallet.PublicKey.ToKey32());
        await using var unit = await _rig.Source.BeginAsync(CancellationToken.None);
        await DeviceSuccession.ReplaceAsync(
            unit.Transaction, enrolment, old, _rig.MarketTime.GetUtcNow(), CancellationToken.None);
        await unit.CommitAsync(CancellationToken.None);
        return enrolment.Device;
    }

    private Task RevokeAsync() => _rig.ExecuteAsync("update meters set revoked_at = now() where meter_id = $1", _meter);

    private Task<int> DeactivateAsync() => _process.Deactivations.RunOnceAsync(CancellationToken.None);

    private async Task MintedAsync(long inAllWh)
    {
        (await _process.Mints.RunOnceAsync(CancellationToken.None)).ShouldBe(1);
        await Eventually.HoldsAsync(async () => await _rig.CountAsync(
            "select coalesce(sum(to_net_wh - from_net_wh), 0)::bigint from mints where status = 'completed'")
            == inAllWh);
        await _rig.UntilIdleAsync(_process);
        (await _process.BalancesAsync(_wallet)).Grid.ShouldBe(inAllWh * PerWh);
    }

    private async Task ReconciledAsync()
    {
        ReconciliationReport report = await _process.Get<Reconciler>().RunAsync(CancellationToken.None);
        report.Differences.ShouldBeEmpty();
        (report.Matches, report.Pending).ShouldBe((true, 0));
    }

    private async Task<MeterAccount> AccountAsync()
    {
        var account = await _rig.Rpc.GetAccountInfoAsync(_process.Programs.Registry.Meter(_meter));
        return MeterAccount.Parse(account.ShouldNotBeNull().Data.Span);
    }
}
