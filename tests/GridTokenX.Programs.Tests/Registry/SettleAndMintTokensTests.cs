using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Registry;

[Collection(ProgramTests.Name)]
public sealed class SettleAndMintTokensTests(WorldFixture fixture)
{
    private const int TokenConfig = 1;
    private const int GridMint = 2;
    private const int EnergyToken = 3;
    private const int Meter = 5;
    private const int Destination = 6;

    private readonly World _world = fixture.World;

    [Fact]
    public async Task A_kilowatt_hour_becomes_one_grid_once()
    {
        using var owner = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 1_250);
        var supply = await SupplyAsync();
        var executed = await _world.Chain.RunAsync(Mint(owner, meterId));
        _world.EventOf(executed).ShouldBe(
            new MeterBalanceSettled(meterId, owner.PublicKey, 1_250, 1_250, _world.Chain.Now, Minted: true));
        (await GridAsync(owner)).ShouldBe(1_250_000_000UL);
        (await SupplyAsync()).ShouldBe(supply + 1_250_000_000);
        (await _world.MeterOfAsync(meterId)).SettledNetGeneration.ShouldBe(1_250UL);
        await _world.Chain.RefusesAsync(ProgramError.NoUnsettledBalance, Mint(owner, meterId));
    }

    [Fact]
    public async Task Only_what_is_new_is_minted()
    {
        using var owner = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 1_000);
        await _world.Chain.RunAsync(Mint(owner, meterId));
        var at = (await _world.MeterOfAsync(meterId)).LastReadingAt;
        await _world.ReadAsync(meterId, 1_500, 600, at + 300);
        await _world.Chain.RefusesAsync(ProgramError.NoUnsettledBalance, Mint(owner, meterId));
        await _world.ReadAsync(meterId, 1_700, 600, at + 600);
        var executed = await _world.Chain.RunAsync(Mint(owner, meterId));
        _world.EventOf(executed).ShouldBe(
            new MeterBalanceSettled(meterId, owner.PublicKey, 100, 1_100, _world.Chain.Now, Minted: true));
        (await GridAsync(owner)).ShouldBe(1_100_000_000UL);
    }

    [Fact]
    public async Task Nine_meters_are_read_and_minted_in_one_transaction()
    {
        var owners = new List<Keypair>();
        var mints = new List<MeterMint>();
        var readings = new List<MeterRegisters>();
        for (var i = 0; i < 9; i++)
        {
            owners.Add(await _world.UserAsync());
            var meterId = await _world.MeterAsync(owners[i].PublicKey);
            mints.Add(new MeterMint(meterId, owners[i].PublicKey));
            readings.Add(new MeterRegisters(meterId, 1_000UL + (ulong)i, 0, _world.Chain.Now));
        }

        Instruction[] both =
        [
            _world.Registry.SubmitMeterReadings(_world.Oracle.PublicKey, readings),
            _world.Registry.SettleAndMintTokens(_world.EnergyToken, mints),
        ];
        // Without a payer beside the oracle, as it is sent in earnest.
        await _world.Chain.AirdropAsync(_world.Oracle.PublicKey, ProgramChain.Sol);
        var blockhash = (await _world.Chain.Rpc.GetLatestBlockhashAsync()).Blockhash;
        var transaction = new Transaction(Message.CompileV0(_world.Oracle.PublicKey, blockhash, both));
        (await _world.Chain.SendAsync(transaction.Sign(_world.Oracle))).Error.ShouldBeNull();
        for (var i = 0; i < 9; i++)
        {
            (await GridAsync(owners[i])).ShouldBe((1_000UL + (ulong)i) * Quantities.BaseUnitsPerWattHour);
        }

        owners.ForEach(owner => owner.Dispose());
    }

    [Fact]
    public async Task A_meter_that_is_listed_twice_mints_once()
    {
        using var owner = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 1_000);
        var mint = new MeterMint(meterId, owner.PublicKey);
        await _world.Chain.RefusesAsync(
            ProgramError.NoUnsettledBalance, _world.Registry.SettleAndMintTokens(_world.EnergyToken, mint, mint));
        (await GridAsync(owner)).ShouldBe(0UL);
    }

    [Fact]
    public async Task A_deactivated_meter_still_mints_what_it_generated()
    {
        using var owner = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 1_000);
        await _world.Chain.RunAsync(_world.Registry.DeactivateMeter(owner.PublicKey, meterId), owner);
        await _world.Chain.RunAsync(Mint(owner, meterId));
        (await GridAsync(owner)).ShouldBe(1_000_000_000UL);
    }

    [Fact]
    public async Task What_the_owner_settled_himself_is_not_minted()
    {
        using var owner = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 1_000);
        await _world.Chain.RunAsync(_world.Registry.SettleMeterBalance(owner.PublicKey, meterId), owner);
        await _world.Chain.RefusesAsync(ProgramError.NoUnsettledBalance, Mint(owner, meterId));
    }

    [Fact]
    public async Task Grid_goes_to_the_associated_account_of_the_meters_owner_alone()
    {
        using var owner = await _world.UserAsync();
        using var stranger = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 1_000);
        var valid = Mint(owner, meterId);
        await RefusesAsync(ProgramError.InvalidTokenAccount, _world.GridOf(stranger.PublicKey));
        await RefusesAsync(ProgramError.InvalidTokenAccount, owner.PublicKey);
        await RefusesAsync(ProgramError.InvalidTokenAccount, _world.Registry.Meter(meterId));
        await RefusesAsync(ProgramError.InvalidTokenAccount, _world.EnergyToken.Mint);
        // All of these are his: but one of the other token, one more, one whose maker may close it.
        var grid = _world.EnergyToken.Mint;
        await RefusesAsync(ProgramError.InvalidAddress, _world.GrxOf(owner.PublicKey));
        await RefusesAsync(
            ProgramError.InvalidAddress, await _world.CreateTokenAccountAsync(grid, owner.PublicKey));
        await RefusesAsync(
            ProgramError.InvalidAddress, await _world.KeptAccountAsync(grid, owner.PublicKey, stranger));
        // Nor does it help to name the other token's mint.
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAddress,
            valid.With(GridMint, _world.Trading.GrxMint).With(Destination, _world.GrxOf(owner.PublicKey)));
        var (mint, frozen) = await _world.FreezableAccountAsync(owner.PublicKey);
        await _world.FreezeAsync(mint, frozen);
        await RefusesAsync(ProgramError.InvalidTokenAccount, frozen);
        await _world.Chain.RunAsync(valid);
        (await GridAsync(owner)).ShouldBe(1_000_000_000UL);

        Task RefusesAsync(ProgramError error, PublicKey address) =>
            _world.Chain.RefusesAsync(error, valid.With(Destination, address));
    }

    [Fact]
    public async Task Nothing_is_minted_into_an_account_that_was_given_away()
    {
        using var owner = await _world.UserAsync();
        using var stranger = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 1_000);
        await _world.GiveAwayAsync(_world.GridOf(owner.PublicKey), owner, stranger.PublicKey);
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, Mint(owner, meterId));
    }

    [Fact]
    public async Task Wrong_accounts_are_refused()
    {
        using var owner = await _world.UserAsync();
        var meterId = await MeterWithAsync(owner, 1_000);
        var valid = Mint(owner, meterId);
        await RefusesAsync(ProgramError.InvalidAccountOwner, 0, owner.PublicKey);
        await RefusesAsync(ProgramError.InvalidAccountData, 0, _world.Registry.Meter(meterId));
        await RefusesAsync(ProgramError.InvalidProgram, EnergyToken, _world.Trading.Id);
        await RefusesAsync(ProgramError.InvalidProgram, EnergyToken, TokenProgram.Id);
        await RefusesAsync(ProgramError.InvalidProgram, 4, MemoProgram.Id);
        await RefusesAsync(ProgramError.InvalidAccountOwner, Meter, owner.PublicKey);
        await RefusesAsync(ProgramError.InvalidAccountData, Meter, _world.Registry.User(owner.PublicKey));
        await RefusesAsync(ProgramError.InvalidAccountOwner, TokenConfig, owner.PublicKey);
        await RefusesAsync(ProgramError.InvalidAccountOwner, TokenConfig, _world.Registry.Registry);
        await RefusesAsync(ProgramError.InvalidAddress, GridMint, await _world.CreateMintAsync(9));

        Task RefusesAsync(ProgramError error, int account, PublicKey address) =>
            _world.Chain.RefusesAsync(error, valid.With(account, address));
    }

    [Fact]
    public async Task Malformed_instructions_are_refused()
    {
        using var owner = await _world.UserAsync();
        var valid = Mint(owner, await MeterWithAsync(owner, 1_000));
        await _world.Chain.RefusesMalformedAsync(valid);
        await _world.Chain.RefusesAsync(
            ProgramError.NotEnoughAccounts, valid.WithAccounts([.. valid.Accounts.Take(5)]));
        await _world.Chain.RunAsync(valid);
    }

    private Instruction Mint(Keypair owner, string meterId) =>
        _world.Registry.SettleAndMintTokens(_world.EnergyToken, new MeterMint(meterId, owner.PublicKey));

    private async Task<string> MeterWithAsync(Keypair owner, ulong netWattHours)
    {
        var meterId = await _world.MeterAsync(owner.PublicKey);
        await _world.ReadAsync(meterId, netWattHours, 0, _world.Chain.Now - 1_000);
        return meterId;
    }

    private Task<ulong> GridAsync(Keypair owner) => _world.Chain.TokensAsync(_world.GridOf(owner.PublicKey));

    private async Task<ulong> SupplyAsync() =>
        (await _world.Chain.Rpc.GetTokenSupplyAsync(_world.EnergyToken.Mint)).Amount;
}
