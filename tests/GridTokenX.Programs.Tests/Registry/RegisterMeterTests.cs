using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Programs.Wire;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Registry;

[Collection(ProgramTests.Name)]
public sealed class RegisterMeterTests(WorldFixture fixture)
{
    private const int User = 2;
    private const int Meter = 3;

    private static readonly PublicKey Device = Client.Some.Key("the device");

    private readonly World _world = fixture.World;

    [Fact]
    public async Task A_meter_belongs_to_the_users_wallet()
    {
        using var owner = await _world.UserAsync();
        var installedAt = _world.Chain.Now - 100;
        var executed = await RunAsync(Register(owner, "TH-10200_0001.a", installedAt));
        var meter = await _world.MeterOfAsync("TH-10200_0001.a");
        meter.ShouldBe(new MeterAccount(
            owner.PublicKey, Device, "TH-10200_0001.a", 0, 0, 0, installedAt, _world.Chain.Now, 0, true, meter.Bump));
        _world.EventOf(executed).ShouldBe(
            new MeterRegistered("TH-10200_0001.a", owner.PublicKey, Device, _world.Chain.Now));
    }

    [Fact]
    public async Task The_user_counts_his_meters()
    {
        using var owner = await _world.UserAsync();
        await RunAsync(Register(owner, "counted-1"));
        await RunAsync(Register(owner, "counted-2"));
        var user = await _world.Chain.AccountAsync(_world.Registry.User(owner.PublicKey), UserAccount.Parse);
        user.MeterCount.ShouldBe(2U);
    }

    [Fact]
    public async Task Ids_have_up_to_32_characters_and_are_used_once()
    {
        using var owner = await _world.UserAsync();
        using var other = await _world.UserAsync();
        foreach (var id in (string[])["Z", new string('x', 32)])
        {
            await RunAsync(Register(owner, id));
            (await _world.MeterOfAsync(id)).MeterId.ShouldBe(id);
            await RefusesAsync(ProgramError.AlreadyInitialized, Register(other, id));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("white space")]
    [InlineData("slash/")]
    [InlineData("nul\0")]
    [InlineData("zähler")]
    [InlineData("123456789012345678901234567890123")]
    public async Task Other_ids_are_refused(string meterId)
    {
        using var owner = await _world.UserAsync();
        var valid = Register(owner, "valid");
        var data = BorshWriter.Of("register_meter").Text(meterId).Key(Device).I64(0).For(_world.Registry.Id).Data;
        await RefusesAsync(ProgramError.InvalidMeterId, valid with { Data = data });
    }

    [Fact]
    public async Task Ids_that_are_no_text_are_refused()
    {
        using var owner = await _world.UserAsync();
        var valid = Register(owner, "valid");
        await RefusesAsync(ProgramError.InvalidMeterId, valid.WithByte(12, 0xff));
        // The length of the id is more than there is.
        await RefusesAsync(ProgramError.InvalidInstruction, valid.WithByte(8, 0xff));
        await RefusesAsync(ProgramError.InvalidInstruction, valid.WithByte(11, 0xff));
    }

    [Fact]
    public async Task A_meter_is_not_installed_in_the_future()
    {
        using var owner = await _world.UserAsync();
        await RefusesAsync(ProgramError.ReadingInFuture, Register(owner, "future", _world.Chain.Now + 1));
        await RefusesAsync(ProgramError.ReadingInFuture, Register(owner, "future", long.MaxValue));
        await RunAsync(Register(owner, "future", _world.Chain.Now));
    }

    [Fact]
    public async Task A_meter_is_at_most_ten_years_old()
    {
        const long TenYears = 315_360_000;
        using var owner = await _world.UserAsync();
        var oldest = _world.Chain.Now - TenYears;
        foreach (var installedAt in (long[])[oldest - 1, 0, -1, long.MinValue, long.MinValue + _world.Chain.Now])
        {
            await RefusesAsync(ProgramError.InvalidConfiguration, Register(owner, "old", installedAt));
        }

        await RunAsync(Register(owner, "old", oldest));
        // Whatever was accepted can be read.
        await _world.ReadAsync("old", 1_000, 200, _world.Chain.Now);
    }

    [Fact]
    public async Task Only_the_registrar_registers_meters()
    {
        using var owner = await _world.UserAsync();
        await _world.Chain.RefusesAsync(
            ProgramError.Unauthorized,
            _world.Registry.RegisterMeter(owner.PublicKey, owner.PublicKey, "mine", Device, 0), owner);
    }

    [Fact]
    public async Task Malformed_instructions_are_refused()
    {
        using var owner = await _world.UserAsync();
        await _world.Chain.RefusesMalformedAsync(Register(owner, "malformed"), _world.Registrar);
        await RunAsync(Register(owner, "malformed"));
    }

    [Fact]
    public async Task Wrong_accounts_are_refused()
    {
        using var owner = await _world.UserAsync();
        var meterId = await _world.MeterAsync(owner.PublicKey);
        var valid = Register(owner, "wrong-accounts");
        await RefusesAsync(ProgramError.InvalidAccountOwner, valid.With(1, owner.PublicKey));
        await RefusesAsync(ProgramError.InvalidAccountData, valid.With(1, _world.Registry.Meter(meterId)));
        await RefusesAsync(ProgramError.InvalidAccountOwner, valid.With(User, _world.GridOf(owner.PublicKey)));
        await RefusesAsync(ProgramError.InvalidAccountData, valid.With(User, _world.Registry.Meter(meterId)));
        await RefusesAsync(ProgramError.InvalidAccountData, valid.With(User, _world.Registry.Registry));
        await RefusesAsync(ProgramError.InvalidAddress, valid.With(Meter, _world.Registry.Meter("another")));
        await RefusesAsync(ProgramError.InvalidProgram, valid.With(4, TokenProgram.Id));
    }

    [Fact]
    public async Task A_wallet_that_is_no_user_has_no_meters()
    {
        using var nobody = Keypair.Generate();
        await RefusesAsync(ProgramError.InvalidAccountOwner, Register(nobody, "nobodys"));
    }

    [Fact]
    public async Task Lamports_sent_there_before_do_not_keep_a_meter_out()
    {
        using var owner = await _world.UserAsync();
        await _world.Chain.AirdropAsync(_world.Registry.Meter("prefunded"), 1_000_000);
        await RunAsync(Register(owner, "prefunded"));
        (await _world.MeterOfAsync("prefunded")).Owner.ShouldBe(owner.PublicKey);
    }

    private Instruction Register(Keypair owner, string meterId, long? installedAt = null) =>
        _world.Registry.RegisterMeter(
            _world.Registrar.PublicKey, owner.PublicKey, meterId, Device, installedAt ?? _world.Chain.Now);

    private Task<Executed> RunAsync(Instruction instruction) =>
        _world.Chain.RunAsync(instruction, _world.Registrar);

    private Task<Executed> RefusesAsync(ProgramError error, Instruction instruction) =>
        _world.Chain.RefusesAsync(error, instruction, _world.Registrar);
}
