using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.EnergyToken;

[Collection(ProgramTests.Name)]
public sealed class RetireTests(WorldFixture fixture)
{
    private const int Source = 3;

    private readonly World _world = fixture.World;

    [Fact]
    public async Task What_is_retired_is_gone()
    {
        using var owner = await _world.UserAsync(1_000);
        var supply = await SupplyAsync();
        var executed = await _world.Chain.RunAsync(Retire(owner, 400_000_001), owner);
        _world.EventOf(executed).ShouldBe(new TokensRetired(owner.PublicKey, 400_000_001, _world.Chain.Now));
        (await _world.Chain.TokensAsync(_world.GridOf(owner.PublicKey))).ShouldBe(599_999_999UL);
        (await SupplyAsync()).ShouldBe(supply - 400_000_001);
    }

    [Fact]
    public async Task Nobody_retires_nothing_or_more_than_he_has()
    {
        using var owner = await _world.UserAsync(1_000);
        await _world.Chain.RefusesAsync(ProgramError.AmountMismatch, Retire(owner, 0), owner);
        await _world.Chain.RefusesAsync(ProgramError.InsufficientBalance, Retire(owner, 1_000_000_001), owner);
        await _world.Chain.RefusesAsync(ProgramError.InsufficientBalance, Retire(owner, ulong.MaxValue), owner);
        await _world.Chain.RunAsync(Retire(owner, 1_000_000_000), owner);
    }

    [Fact]
    public async Task Nobody_retires_the_energy_of_others()
    {
        using var owner = await _world.UserAsync(1_000);
        using var stranger = await _world.UserAsync(1_000);
        var theirs = _world.EnergyToken.Retire(stranger.PublicKey, 1, _world.GridOf(owner.PublicKey));
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, theirs, stranger);
        // Not even a delegate, who could burn it by the token program.
        await _world.Chain.RunAsync(
            TokenProgram.Approve(_world.GridOf(owner.PublicKey), stranger.PublicKey, owner.PublicKey, 1_000), owner);
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, theirs, stranger);
    }

    [Fact]
    public async Task Only_grid_is_retired()
    {
        using var owner = await _world.UserAsync(1_000, 1_000);
        var valid = Retire(owner, 1);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidTokenAccount, valid.With(Source, _world.GrxOf(owner.PublicKey)), owner);
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, valid.With(Source, owner.PublicKey), owner);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAddress,
            valid.With(2, _world.Trading.GrxMint).With(Source, _world.GrxOf(owner.PublicKey)), owner);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner, valid.With(1, _world.Registry.Registry), owner);
        await _world.Chain.RefusesAsync(ProgramError.InvalidProgram, valid.With(4, MemoProgram.Id), owner);
    }

    [Fact]
    public async Task Malformed_instructions_are_refused()
    {
        using var owner = await _world.UserAsync(1_000);
        await _world.Chain.RefusesMalformedAsync(Retire(owner, 1), owner);
        await _world.Chain.RunAsync(Retire(owner, 1), owner);
    }

    private Instruction Retire(Keypair owner, ulong amount) => _world.EnergyToken.Retire(owner.PublicKey, amount);

    private async Task<ulong> SupplyAsync() =>
        (await _world.Chain.Rpc.GetTokenSupplyAsync(_world.EnergyToken.Mint)).Amount;
}
