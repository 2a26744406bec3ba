using System.Buffers.Binary;
using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Registry;

/// <summary>get_unsettled_balance, settle_meter_balance and deactivate_meter.</summary>
[Collection(ProgramTests.Name)]
public sealed class SettlementTests(WorldFixture fixture)
{
    private readonly World _world = fixture.World;

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(500, 500, 0)]
    [InlineData(500, 900, 0)]
    [InlineData(900, 500, 400)]
    public async Task The_unsettled_balance_is_the_net_generation(
        ulong production, ulong consumption, ulong unsettled)
    {
        using var owner = await _world.UserAsync();
        var meterId = await _world.MeterAsync(owner.PublicKey);
        await _world.ReadAsync(meterId, production, consumption, _world.Chain.Now);
        (await UnsettledAsync(meterId)).ShouldBe(unsettled);
    }

    [Fact]
    public async Task Reading_the_balance_of_something_else_is_refused()
    {
        using var owner = await _world.UserAsync();
        var valid = _world.Registry.GetUnsettledBalance(await _world.MeterAsync(owner.PublicKey));
        await _world.Chain.RefusesMalformedAsync(valid);
        await _world.Chain.RefusesAsync(ProgramError.InvalidAccountOwner, valid.With(0, owner.PublicKey));
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountData, valid.With(0, _world.Registry.User(owner.PublicKey)));
    }

    [Fact]
    public async Task An_owner_settles_without_minting()
    {
        using var owner = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 400);
        var executed = await _world.Chain.RunAsync(Settle(owner, meterId), owner);
        Returned(executed).ShouldBe(400UL);
        _world.EventOf(executed).ShouldBe(
            new MeterBalanceSettled(meterId, owner.PublicKey, 400, 400, _world.Chain.Now, Minted: false));
        (await _world.MeterOfAsync(meterId)).SettledNetGeneration.ShouldBe(400UL);
        (await UnsettledAsync(meterId)).ShouldBe(0UL);
        (await _world.Chain.TokensAsync(_world.GridOf(owner.PublicKey))).ShouldBe(0UL);
        await _world.Chain.RefusesAsync(ProgramError.NoUnsettledBalance, Settle(owner, meterId), owner);
    }

    [Fact]
    public async Task What_was_settled_stays_settled_while_consumption_catches_up()
    {
        using var owner = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 400);
        await _world.Chain.RunAsync(Settle(owner, meterId), owner);
        var at = (await _world.MeterOfAsync(meterId)).LastReadingAt;
        await _world.ReadAsync(meterId, 400, 300, at + 300);
        (await UnsettledAsync(meterId)).ShouldBe(0UL);
        await _world.Chain.RefusesAsync(ProgramError.NoUnsettledBalance, Settle(owner, meterId), owner);
        await _world.ReadAsync(meterId, 750, 300, at + 600);
        Returned(await _world.Chain.RunAsync(Settle(owner, meterId), owner)).ShouldBe(50UL);
        (await _world.MeterOfAsync(meterId)).SettledNetGeneration.ShouldBe(450UL);
    }

    [Fact]
    public async Task Only_the_owner_settles()
    {
        using var owner = await _world.UserAsync();
        using var stranger = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 400);
        foreach (var key in (Keypair[])[stranger, _world.Registrar, _world.Oracle, _world.Admin])
        {
            await _world.Chain.RefusesAsync(ProgramError.Unauthorized, Settle(key, meterId), key);
        }

        var valid = Settle(owner, meterId);
        await _world.Chain.RefusesMalformedAsync(valid, owner);
        await _world.Chain.RefusesAsync(ProgramError.InvalidAccountOwner, valid.With(1, owner.PublicKey), owner);
        await _world.Chain.RefusesAsync(ProgramError.InvalidAccountOwner, valid.With(2, owner.PublicKey), owner);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountData, valid.With(2, _world.Registry.User(owner.PublicKey)), owner);
        await _world.Chain.RunAsync(valid, owner);
    }

    [Fact]
    public async Task Registrar_and_owner_deactivate_a_meter_for_good()
    {
        using var owner = await _world.UserAsync();
        foreach (var key in (Keypair[])[owner, _world.Registrar])
        {
            var meterId = await _world.MeterAsync(owner.PublicKey);
            var executed = await _world.Chain.RunAsync(Deactivate(key, meterId), key);
            _world.EventOf(executed).ShouldBe(new MeterDeactivated(meterId, owner.PublicKey, _world.Chain.Now));
            (await _world.MeterOfAsync(meterId)).IsActive.ShouldBeFalse();
            await _world.Chain.RefusesAsync(ProgramError.MeterNotActive, Deactivate(key, meterId), key);
        }
    }

    [Fact]
    public async Task Nobody_else_deactivates_a_meter()
    {
        using var owner = await _world.UserAsync();
        using var stranger = await _world.UserAsync();
        var meterId = await _world.MeterAsync(owner.PublicKey);
        foreach (var key in (Keypair[])[stranger, _world.Oracle, _world.Admin])
        {
            await _world.Chain.RefusesAsync(ProgramError.Unauthorized, Deactivate(key, meterId), key);
        }

        var valid = Deactivate(owner, meterId);
        await _world.Chain.RefusesMalformedAsync(valid, owner);
        await _world.Chain.RefusesAsync(ProgramError.InvalidAccountOwner, valid.With(1, owner.PublicKey), owner);
        await _world.Chain.RefusesAsync(ProgramError.InvalidAccountOwner, valid.With(2, owner.PublicKey), owner);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountData, valid.With(2, _world.Registry.User(owner.PublicKey)), owner);
    }

    private Instruction Settle(Keypair owner, string meterId) =>
        _world.Registry.SettleMeterBalance(owner.PublicKey, meterId);

    private Instruction Deactivate(Keypair authority, string meterId) =>
        _world.Registry.DeactivateMeter(authority.PublicKey, meterId);

    private async Task<string> MeterWithAsync(Keypair owner, ulong netWattHours)
    {
        var meterId = await _world.MeterAsync(owner.PublicKey);
        await _world.ReadAsync(meterId, netWattHours, 0, _world.Chain.Now - 1_000);
        return meterId;
    }

    private async Task<ulong> UnsettledAsync(string meterId) =>
        Returned(await _world.Chain.RunAsync(_world.Registry.GetUnsettledBalance(meterId)));

    private ulong Returned(Executed executed) => BinaryPrimitives.ReadUInt64LittleEndian(
        ReturnData.Read(executed.Logs, _world.Registry.Id).ShouldNotBeNull());
}
