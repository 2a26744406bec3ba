using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Registry;

[Collection(ProgramTests.Name)]
public sealed class RegisterUserTests(WorldFixture fixture)
{
    private const int Wallet = 2;
    private const int User = 3;

    private readonly World _world = fixture.World;

    [Fact]
    public async Task A_user_has_an_account_whose_rent_the_registrar_pays()
    {
        var wallet = Client.Some.Key("a user's wallet");
        var before = await _world.Chain.LamportsAsync(_world.Registrar.PublicKey);
        var executed = await _world.Chain.RunAsync(Register(wallet), _world.Registrar);
        var user = await _world.Chain.AccountAsync(_world.Registry.User(wallet), UserAccount.Parse);
        user.ShouldBe(new UserAccount(wallet, _world.Chain.Now, 0, UserType.Prosumer, user.Bump));
        _world.EventOf(executed).ShouldBe(new UserRegistered(wallet, UserType.Prosumer, _world.Chain.Now));
        var after = await _world.Chain.LamportsAsync(_world.Registrar.PublicKey);
        (before - after).ShouldBe(await _world.RentAsync(UserAccount.Length));
    }

    [Fact]
    public async Task A_user_is_registered_once()
    {
        var wallet = Client.Some.Key("registered once");
        await _world.Chain.RunAsync(Register(wallet), _world.Registrar);
        await _world.Chain.RefusesAsync(ProgramError.AlreadyInitialized, Register(wallet), _world.Registrar);
    }

    [Fact]
    public async Task Only_the_registrar_registers()
    {
        using var stranger = await _world.Chain.FundedAsync();
        var wallet = Client.Some.Key("unregistered");
        foreach (var key in (Keypair[])[stranger, _world.Admin, _world.Issuer])
        {
            await _world.Chain.RefusesAsync(
                ProgramError.Unauthorized, _world.Registry.RegisterUser(key.PublicKey, wallet, UserType.Consumer),
                key);
        }
    }

    [Fact]
    public async Task Malformed_instructions_are_refused()
    {
        var valid = Register(Client.Some.Key("malformed user"));
        await _world.Chain.RefusesMalformedAsync(valid, _world.Registrar);
        await _world.Chain.RefusesAsync(ProgramError.InvalidInstruction, valid.WithByte(8, 2), _world.Registrar);
        await _world.Chain.RunAsync(valid, _world.Registrar);
    }

    [Fact]
    public async Task Wrong_accounts_are_refused()
    {
        var (wallet, other) = (Client.Some.Key("wrong accounts"), Client.Some.Key("another wallet"));
        await _world.Chain.RunAsync(Register(other), _world.Registrar);
        var valid = Register(wallet);
        var registrar = _world.Registrar;
        await _world.Chain.RefusesAsync(ProgramError.InvalidAccountOwner, valid.With(1, wallet), registrar);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner, valid.With(1, _world.EnergyToken.TokenConfig), registrar);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountData, valid.With(1, _world.Registry.User(other)), registrar);
        await _world.Chain.RefusesAsync(ProgramError.InvalidAddress, valid.With(Wallet, other), registrar);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAddress, valid.With(User, Client.Some.Key("no pda")), registrar);
        await _world.Chain.RefusesAsync(ProgramError.InvalidProgram, valid.With(4, _world.Trading.Id), registrar);
    }

    [Theory]
    [InlineData(890_880)]
    [InlineData(100_000_000)]
    public async Task Lamports_sent_there_before_do_not_keep_a_user_out(ulong lamports)
    {
        var wallet = Client.Some.Key($"prefunded with {lamports}");
        var user = _world.Registry.User(wallet);
        await _world.Chain.AirdropAsync(user, lamports);
        await _world.Chain.RunAsync(Register(wallet), _world.Registrar);
        (await _world.Chain.AccountAsync(user, UserAccount.Parse)).Wallet.ShouldBe(wallet);
        (await _world.Chain.LamportsAsync(user))
            .ShouldBe(Math.Max(lamports, await _world.RentAsync(UserAccount.Length)));
    }

    private Instruction Register(PublicKey wallet) =>
        _world.Registry.RegisterUser(_world.Registrar.PublicKey, wallet, UserType.Prosumer);
}
