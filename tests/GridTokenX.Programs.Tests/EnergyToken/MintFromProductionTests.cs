using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.EnergyToken;

/// <summary>That it succeeds when the registry calls it, and its wrong accounts in that call, see the tests of
/// settle_and_mint_tokens.</summary>
[Collection(ProgramTests.Name)]
public sealed class MintFromProductionTests(WorldFixture fixture)
{
    private readonly World _world = fixture.World;

    [Fact]
    public async Task Nobody_mints_in_the_registrys_place()
    {
        using var thief = await _world.UserAsync();
        foreach (var key in (Keypair[])[thief, _world.Admin, _world.Registrar, _world.Oracle, _world.Issuer])
        {
            await _world.Chain.RefusesAsync(ProgramError.Unauthorized, Mint(key.PublicKey, thief), key);
        }
    }

    [Fact]
    public async Task The_registry_itself_must_have_signed()
    {
        using var thief = await _world.UserAsync();
        await _world.Chain.RefusesAsync(
            ProgramError.Unauthorized, Mint(_world.Registry.Registry, thief).Unsigned(0));
    }

    [Fact]
    public async Task Malformed_instructions_are_refused()
    {
        using var thief = await _world.UserAsync();
        var mint = Mint(thief.PublicKey, thief);
        await _world.Chain.RefusesAsync(ProgramError.InvalidInstruction, mint.WithData([.. mint.Data.Span, 0]), thief);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidInstruction, mint.WithData(mint.Data[..^1].ToArray()), thief);
        await _world.Chain.RefusesAsync(
            ProgramError.NotEnoughAccounts, mint.WithAccounts([.. mint.Accounts.SkipLast(1)]), thief);
    }

    [Fact]
    public async Task A_config_of_another_program_is_no_config()
    {
        using var thief = await _world.UserAsync();
        var mint = Mint(thief.PublicKey, thief);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner, mint.With(1, _world.Registry.Registry), thief);
        await _world.Chain.RefusesAsync(ProgramError.InvalidAccountOwner, mint.With(1, thief.PublicKey), thief);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner, mint.With(1, _world.EnergyToken.Mint), thief);
    }

    private Instruction Mint(PublicKey registry, Keypair thief) =>
        _world.EnergyToken.MintFromProduction(registry, _world.GridOf(thief.PublicKey), 1_000_000_000);
}
