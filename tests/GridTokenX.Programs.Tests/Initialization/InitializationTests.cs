using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Initialization;

/// <summary>initialize of registry and energy token, initialize_market: each test has a chain of its own, on which
/// nothing is initialised.</summary>
public sealed class InitializationTests : IAsyncLifetime
{
    private World _world = null!;

    public async Task InitializeAsync() => _world = await World.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task The_upgrade_authority_initialises_each_program_once()
    {
        var chain = _world.Chain;
        var admin = _world.Admin.PublicKey;
        await _world.InitializeAsync();
        var registry = await chain.AccountAsync(_world.Registry.Registry, RegistryAccount.Parse);
        registry.ShouldBe(new RegistryAccount(
            admin, _world.Registrar.PublicKey, _world.Oracle.PublicKey, _world.EnergyToken.Id, World.Limits, false,
            registry.Bump));
        var config = await chain.AccountAsync(_world.EnergyToken.TokenConfig, TokenConfigAccount.Parse);
        config.ShouldBe(new TokenConfigAccount(
            admin, _world.EnergyToken.Mint, _world.Registry.Registry, false, config.Bump, config.MintBump));
        var market = await chain.AccountAsync(_world.Trading.Market, MarketAccount.Parse);
        market.Settings.Matchers.ShouldBe(_world.Settings.Matchers);
        var settings = _world.Settings with { Matchers = market.Settings.Matchers };
        market.ShouldBe(new MarketAccount(
            admin, _world.EnergyToken.Mint, _world.Trading.GrxMint, _world.Trading.GridVault, _world.Trading.GrxVault,
            _world.FeeAccount, settings, false, market.Bump));

        foreach (var again in Everything())
        {
            await chain.RefusesAsync(ProgramError.AlreadyInitialized, again, _world.Admin);
        }
    }

    [Fact]
    public async Task Grid_has_nine_decimals_and_nobody_but_the_program_mints_or_freezes_it()
    {
        await _world.InitializeAsync();
        (await _world.Chain.AccountAsync(_world.EnergyToken.Mint, Mint.Parse))
            .ShouldBe(new Mint(_world.EnergyToken.TokenConfig, 0, 9, true, null));
        foreach (var (vault, mint) in (IEnumerable<(PublicKey, PublicKey)>)[
            (_world.Trading.GridVault, _world.EnergyToken.Mint), (_world.Trading.GrxVault, _world.Trading.GrxMint)])
        {
            (await _world.Chain.AccountAsync(vault, TokenAccount.Parse)).ShouldBe(new TokenAccount(
                mint, _world.Trading.Market, 0, null, TokenAccountState.Initialized, null, 0, null));
        }
    }

    [Fact]
    public async Task Nobody_but_the_upgrade_authority_is_first()
    {
        using var thief = await _world.Chain.FundedAsync();
        foreach (var valid in Everything())
        {
            await _world.Chain.RefusesAsync(
                ProgramError.Unauthorized, valid.With(0, thief.PublicKey).With(1, thief.PublicKey), thief);
            await _world.Chain.RefusesAsync(
                ProgramError.MissingSignature, valid.With(0, thief.PublicKey).Unsigned(1), thief);
            // The authority of another program counts for nothing, and neither does a made-up account.
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidAddress,
                valid.With(2, UpgradeableLoader.ProgramData(TokenProgram.Id)), _world.Admin);
            await _world.Chain.RefusesAsync(ProgramError.InvalidAddress, valid.With(2, valid.Program), _world.Admin);
            await _world.Chain.RefusesAsync(ProgramError.InvalidAddress, valid.With(2, thief.PublicKey), _world.Admin);
            // Nothing was in the way of the real one.
            if (valid.Program != _world.Trading.Id)
            {
                await _world.Chain.RunAsync(valid, _world.Admin);
            }
        }

        await _world.Chain.RunAsync(_world.InitializeMarket(_world.Settings), _world.Admin);
    }

    [Fact]
    public async Task Malformed_instructions_are_refused()
    {
        var payer = _world.Issuer;
        foreach (var valid in Everything().Select(instruction => instruction.With(0, payer.PublicKey)))
        {
            await _world.Chain.RefusesMalformedAsync(valid, payer, _world.Admin);
            await _world.Chain.RunAsync(valid, payer, _world.Admin);
        }
    }

    [Fact]
    public async Task Lamports_sent_there_before_keep_nothing_out()
    {
        PublicKey[] accounts =
        [
            _world.Registry.Registry, _world.EnergyToken.TokenConfig, _world.EnergyToken.Mint, _world.Trading.Market,
            _world.Trading.GridVault, _world.Trading.GrxVault,
        ];
        for (var i = 0; i < accounts.Length; i++)
        {
            await _world.Chain.AirdropAsync(accounts[i], i % 2 == 0 ? 1_000_000 : 1_000_000_000UL);
        }

        await _world.InitializeAsync();
        using var user = await _world.UserAsync(1_000, 1_000);
        await _world.OrderAsync(
            OrderSide.Sell, user, new OrderTerms(1, 1_000_000, 1_000, _world.Chain.Now + 10));
    }

    [Fact]
    public async Task Nonsense_is_no_configuration_of_a_market()
    {
        await _world.Chain.RunAsync(_world.InitializeEnergyToken(), _world.Admin);
        foreach (var nonsense in Nonsense.Of(_world.Settings))
        {
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidConfiguration, _world.InitializeMarket(nonsense), _world.Admin);
        }

        var largest = new MarketSettings(
            1_000, 1, ulong.MaxValue, [.. Enumerable.Range(0, 4).Select(i => Client.Some.Key($"matcher {i}"))]);
        await _world.Chain.RunAsync(_world.InitializeMarket(largest), _world.Admin);
    }

    [Fact]
    public async Task Nonsense_is_no_configuration_of_registry_and_token()
    {
        foreach (var limits in Nonsense.Of(World.Limits))
        {
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidConfiguration, _world.InitializeRegistry(limits), _world.Admin);
        }

        var (admin, nobody) = (_world.Admin.PublicKey, default(PublicKey));
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidConfiguration, _world.EnergyToken.Initialize(admin, admin, nobody), _world.Admin);
        foreach (var role in Enumerable.Range(0, 3))
        {
            PublicKey[] roles = [_world.Registrar.PublicKey, _world.Oracle.PublicKey, _world.EnergyToken.Id];
            roles[role] = nobody;
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidConfiguration,
                _world.Registry.Initialize(admin, admin, roles[0], roles[1], roles[2], World.Limits), _world.Admin);
        }
    }

    [Fact]
    public async Task Wrong_accounts_make_no_market()
    {
        await _world.Chain.RunAsync(_world.InitializeEnergyToken(), _world.Admin);
        var valid = _world.InitializeMarket(_world.Settings);
        var (nineDecimals, sixDecimals) = (await _world.CreateMintAsync(9), await _world.CreateMintAsync(6));
        var otherFees = await _world.CreateTokenAccountAsync(sixDecimals, _world.Issuer.PublicKey);
        (int Account, PublicKey Address, ProgramError Error)[] wrong =
        [
            (3, _world.Trading.SettlementPage(0), ProgramError.InvalidAddress),
            (4, sixDecimals, ProgramError.InvalidTokenAccount),
            (4, _world.Issuer.PublicKey, ProgramError.InvalidTokenAccount),
            (4, nineDecimals, ProgramError.InvalidAddress),
            (5, nineDecimals, ProgramError.InvalidTokenAccount),
            (5, _world.FeeAccount, ProgramError.InvalidTokenAccount),
            (6, _world.Trading.GrxVault, ProgramError.InvalidAddress),
            (7, _world.Trading.GridVault, ProgramError.InvalidAddress),
            (8, otherFees, ProgramError.InvalidTokenAccount),
            (8, _world.Issuer.PublicKey, ProgramError.InvalidTokenAccount),
            (9, TokenProgram.Id, ProgramError.InvalidProgram),
            (10, SystemProgram.Id, ProgramError.InvalidProgram),
        ];
        foreach (var (account, address, error) in wrong)
        {
            await _world.Chain.RefusesAsync(error, valid.With(account, address), _world.Admin);
        }

        // A fee account that the market itself would own must not be a vault in disguise.
        var marketsOwn = await _world.CreateTokenAccountAsync(_world.Trading.GrxMint, _world.Trading.Market);
        await _world.Chain.RefusesAsync(ProgramError.InvalidTokenAccount, valid.With(8, marketsOwn), _world.Admin);
        await _world.Chain.RunAsync(valid, _world.Admin);
    }

    [Fact]
    public async Task Tokens_that_somebody_may_freeze_have_no_market()
    {
        var issuer = _world.Issuer.PublicKey;
        var (grid, grx) = (await _world.CreateMintAsync(9), await _world.CreateMintAsync(6));
        var (freezableGrid, freezableGrx) = (
            await _world.CreateMintAsync(9, isFreezable: true), await _world.CreateMintAsync(6, isFreezable: true));
        await RefusesAsync(freezableGrid, grx);
        await RefusesAsync(grid, freezableGrx);
        // Nothing else was wrong with them: without the authority they make a market.
        await _world.Chain.RunAsync(
            TokenProgram.SetAuthority(freezableGrid, issuer, AuthorityType.FreezeAccount, newAuthority: null),
            _world.Issuer);
        await _world.Chain.RunAsync(await InitializeAsync(freezableGrid, grx), _world.Admin);

        async Task RefusesAsync(PublicKey gridMint, PublicKey grxMint) => await _world.Chain.RefusesAsync(
            ProgramError.InvalidTokenAccount, await InitializeAsync(gridMint, grxMint), _world.Admin);

        async Task<Instruction> InitializeAsync(PublicKey gridMint, PublicKey grxMint) =>
            new TradingProgram(_world.Trading.Id, gridMint, grxMint).InitializeMarket(
                _world.Admin.PublicKey, _world.Admin.PublicKey,
                await _world.CreateTokenAccountAsync(grxMint, issuer), _world.Settings);
    }

    [Fact]
    public async Task Wrong_accounts_make_neither_registry_nor_token()
    {
        var (registry, token) = (_world.InitializeRegistry(), _world.InitializeEnergyToken());
        (Instruction Valid, int Account, PublicKey Address, ProgramError Error)[] wrong =
        [
            (registry, 3, _world.Registry.Meter("a"), ProgramError.InvalidAddress),
            (registry, 3, _world.EnergyToken.TokenConfig, ProgramError.InvalidAddress),
            (registry, 4, TokenProgram.Id, ProgramError.InvalidProgram),
            (token, 3, _world.EnergyToken.Mint, ProgramError.InvalidAddress),
            (token, 3, _world.Registry.Registry, ProgramError.InvalidAddress),
            (token, 4, _world.EnergyToken.TokenConfig, ProgramError.InvalidAddress),
            (token, 4, _world.Trading.GrxMint, ProgramError.InvalidAddress),
            (token, 5, TokenProgram.Id, ProgramError.InvalidProgram),
            (token, 6, SystemProgram.Id, ProgramError.InvalidProgram),
        ];
        foreach (var (valid, account, address, error) in wrong)
        {
            await _world.Chain.RefusesAsync(error, valid.With(account, address), _world.Admin);
        }
    }

    [Fact]
    public async Task Nothing_works_before_it_is_initialised()
    {
        var user = _world.Issuer.PublicKey;
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner,
            _world.Registry.RegisterUser(_world.Registrar.PublicKey, user, UserType.Consumer), _world.Registrar);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner, _world.Trading.OpenSettlementPage(user, 0), _world.Issuer);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner, _world.Trading.SetMaintenance(_world.Admin.PublicKey, false),
            _world.Admin);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner, _world.EnergyToken.Retire(user, 1, _world.FeeAccount), _world.Issuer);
    }

    private Instruction[] Everything() =>
        [_world.InitializeEnergyToken(), _world.InitializeRegistry(), _world.InitializeMarket(_world.Settings)];
}
