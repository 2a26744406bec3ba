using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Initialization;

/// <summary>update_registry, update_config and update_market, on a chain whose settings no other test needs.</summary>
public sealed class AdminTests(WorldFixture fixture) : IClassFixture<WorldFixture>
{
    private readonly World _world = fixture.World;

    [Fact]
    public async Task A_new_admin_replaces_the_old_one_in_the_registry()
    {
        using var successor = await _world.Chain.FundedAsync();
        using var registrar = await _world.Chain.FundedAsync();
        var oracle = Client.Some.Key("new oracle");
        var limits = new ReadingLimits(900, 1, 0);
        var (old, before) = (_world.Admin.PublicKey, await RegistryAsync());
        await _world.Chain.RunAsync(
            _world.Registry.Update(old, successor.PublicKey, registrar.PublicKey, oracle, limits), _world.Admin);
        (await RegistryAsync()).ShouldBe(before with
        {
            Admin = successor.PublicKey,
            Registrar = registrar.PublicKey,
            Oracle = oracle,
            Limits = limits,
        });
        var wallet = Client.Some.Key("registered by the new one");
        await _world.Chain.RefusesAsync(
            ProgramError.Unauthorized,
            _world.Registry.RegisterUser(_world.Registrar.PublicKey, wallet, UserType.Consumer), _world.Registrar);
        await _world.Chain.RunAsync(
            _world.Registry.RegisterUser(registrar.PublicKey, wallet, UserType.Consumer), registrar);

        var back = _world.Registry.Update(
            old, old, _world.Registrar.PublicKey, _world.Oracle.PublicKey, World.Limits);
        await _world.Chain.RefusesAsync(ProgramError.Unauthorized, back, _world.Admin);
        await _world.Chain.RunAsync(back.With(0, successor.PublicKey), successor);
        (await RegistryAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task A_new_admin_replaces_the_old_one_in_the_market()
    {
        using var successor = await _world.Chain.FundedAsync();
        var fees = await _world.CreateTokenAccountAsync(_world.Trading.GrxMint, successor.PublicKey);
        var settings = new MarketSettings(1_000, 1, ulong.MaxValue, [successor.PublicKey]);
        var (old, before) = (_world.Admin.PublicKey, await MarketAsync());
        await _world.Chain.RunAsync(
            _world.Trading.UpdateMarket(old, successor.PublicKey, fees, settings), _world.Admin);
        var market = await MarketAsync();
        market.Settings.Matchers.ShouldBe([successor.PublicKey]);
        market.ShouldBe(before with
        {
            Admin = successor.PublicKey,
            FeeAccount = fees,
            Settings = settings with { Matchers = market.Settings.Matchers },
        });

        var back = _world.Trading.UpdateMarket(old, old, _world.FeeAccount, _world.Settings);
        await _world.Chain.RefusesAsync(ProgramError.Unauthorized, back, _world.Admin);
        await _world.Chain.RunAsync(back.With(0, successor.PublicKey), successor);
    }

    [Fact]
    public async Task A_new_admin_replaces_the_old_one_in_the_energy_token()
    {
        using var successor = await _world.Chain.FundedAsync();
        var (old, before) = (_world.Admin.PublicKey, await TokenConfigAsync());
        await _world.Chain.RunAsync(_world.EnergyToken.Update(old, successor.PublicKey), _world.Admin);
        (await TokenConfigAsync()).ShouldBe(before with { Admin = successor.PublicKey });
        await _world.Chain.RefusesAsync(
            ProgramError.Unauthorized, _world.EnergyToken.SetMaintenance(old, true), _world.Admin);
        var back = _world.EnergyToken.Update(old, old);
        await _world.Chain.RefusesAsync(ProgramError.Unauthorized, back, _world.Admin);
        await _world.Chain.RunAsync(back.With(0, successor.PublicKey), successor);
        (await TokenConfigAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task A_matcher_that_was_removed_settles_and_releases_no_more()
    {
        using var seller = await _world.UserAsync(10);
        var order = await _world.OrderAsync(
            OrderSide.Sell, seller, new OrderTerms(1, 1_000_000, 1_000, _world.Chain.Now + 1_000));
        var closing = new OrderClosing(order.Owner, 1, OrderSide.Sell, order.RentPayer);
        await UpdateAsync(_world.Settings with { Matchers = [_world.SecondMatcher.PublicKey] });
        await _world.Chain.RefusesAsync(
            ProgramError.Unauthorized, _world.Trading.ReleaseOrders(_world.Matcher.PublicKey, closing),
            _world.Matcher);
        await _world.Chain.RunAsync(
            _world.Trading.ReleaseOrders(_world.SecondMatcher.PublicKey, closing), _world.SecondMatcher);
        await UpdateAsync(_world.Settings);
    }

    [Theory]
    [InlineData(1_000, 2_000)]
    [InlineData(0, 0)]
    public async Task A_seller_never_pays_more_than_the_fee_at_creation(ushort later, ulong expectedFee)
    {
        using var seller = await _world.UserAsync(1_000);
        using var buyer = await _world.UserAsync(0, 1_000_000);
        await UpdateAsync(_world.Settings with { FeeBasisPoints = 200 });
        var terms = new OrderTerms(1, 1_000_000_000, 100_000, _world.Chain.Now + 1_000);
        var (sell, buy) = (await _world.OrderAsync(OrderSide.Sell, seller, terms),
            await _world.OrderAsync(OrderSide.Buy, buyer, terms));
        await UpdateAsync(_world.Settings with { FeeBasisPoints = later });
        var fees = await _world.Chain.TokensAsync(_world.FeeAccount);
        await _world.Chain.RunAsync(
            _world.Trading.SettleMatch(
                _world.Matcher.PublicKey, _world.FeeAccount,
                new MatchSettlement(_world.NextSettlement(), 1_000_000_000, 100_000, sell, buy)),
            _world.Matcher);
        (await _world.Chain.TokensAsync(_world.FeeAccount)).ShouldBe(fees + expectedFee);
        (await _world.Chain.TokensAsync(_world.GrxOf(seller.PublicKey))).ShouldBe(100_000 - expectedFee);
        await UpdateAsync(_world.Settings);
    }

    [Fact]
    public async Task A_trade_keeps_to_the_bounds_of_now()
    {
        using var seller = await _world.UserAsync(1_000);
        using var buyer = await _world.UserAsync(0, 1_000_000);
        var ask = new OrderTerms(1, 1_000_000_000, 100_000, _world.Chain.Now + 1_000);
        var (sell, buy) = (await _world.OrderAsync(OrderSide.Sell, seller, ask),
            await _world.OrderAsync(OrderSide.Buy, buyer, ask with { Price = 200_000 }));
        await UpdateAsync(_world.Settings with { MinPrice = 120_000, MaxPrice = 180_000 });
        foreach (var price in (ulong[])[119_999, 180_001])
        {
            await _world.Chain.RefusesAsync(ProgramError.PriceOutOfBounds, Settle(price), _world.Matcher);
        }

        var purchase = new DirectPurchase(
            _world.NextSettlement(), 1_000, ulong.MaxValue, buyer.PublicKey, sell);
        await _world.Chain.RefusesAsync(
            ProgramError.PriceOutOfBounds,
            _world.Trading.MatchOrder(_world.Matcher.PublicKey, _world.FeeAccount, purchase), buyer, _world.Matcher);
        await _world.Chain.RunAsync(Settle(120_000), _world.Matcher);
        await _world.Chain.RunAsync(Settle(180_000), _world.Matcher);
        await UpdateAsync(_world.Settings);

        Instruction Settle(ulong price) => _world.Trading.SettleMatch(
            _world.Matcher.PublicKey, _world.FeeAccount,
            new MatchSettlement(_world.NextSettlement(), 1_000_000, price, sell, buy));
    }

    [Fact]
    public async Task Nonsense_is_no_configuration()
    {
        var admin = _world.Admin.PublicKey;
        foreach (var nonsense in Nonsense.Of(_world.Settings))
        {
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidConfiguration,
                _world.Trading.UpdateMarket(admin, admin, _world.FeeAccount, nonsense), _world.Admin);
        }

        foreach (var limits in Nonsense.Of(World.Limits))
        {
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidConfiguration,
                _world.Registry.Update(admin, admin, _world.Registrar.PublicKey, _world.Oracle.PublicKey, limits),
                _world.Admin);
        }

        // A market whose admin nobody can be would be stuck for ever.
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidConfiguration,
            _world.Trading.UpdateMarket(admin, default, _world.FeeAccount, _world.Settings), _world.Admin);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidConfiguration,
            _world.Registry.Update(
                admin, default, _world.Registrar.PublicKey, _world.Oracle.PublicKey, World.Limits),
            _world.Admin);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidConfiguration, _world.EnergyToken.Update(admin, default), _world.Admin);
    }

    [Fact]
    public async Task Only_the_admin_updates_and_only_the_real_accounts()
    {
        using var stranger = await _world.UserAsync();
        var admin = _world.Admin.PublicKey;
        var registry = _world.Registry.Update(
            admin, admin, _world.Registrar.PublicKey, _world.Oracle.PublicKey, World.Limits);
        var market = _world.Trading.UpdateMarket(admin, admin, _world.FeeAccount, _world.Settings);
        foreach (var valid in (Instruction[])[registry, market, _world.EnergyToken.Update(admin, admin)])
        {
            foreach (var key in (Keypair[])[stranger, _world.Registrar, _world.Oracle, _world.Matcher])
            {
                await _world.Chain.RefusesAsync(ProgramError.Unauthorized, valid.With(0, key.PublicKey), key);
            }

            await _world.Chain.RefusesMalformedAsync(valid, _world.Admin);
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidAccountOwner, valid.With(1, stranger.PublicKey), _world.Admin);
            await _world.Chain.RunAsync(valid, _world.Admin);
        }

        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountData, registry.With(1, _world.Registry.User(stranger.PublicKey)), _world.Admin);
        await _world.Chain.RefusesAsync(
            ProgramError.InvalidAccountData, market.With(1, _world.Trading.SettlementPage(0)), _world.Admin);
        (PublicKey Address, ProgramError Error)[] fees =
        [
            (_world.GridOf(stranger.PublicKey), ProgramError.InvalidTokenAccount),
            (_world.Trading.GrxVault, ProgramError.InvalidTokenAccount),
            (stranger.PublicKey, ProgramError.InvalidTokenAccount),
            (_world.Trading.GrxMint, ProgramError.InvalidTokenAccount),
        ];
        foreach (var (address, error) in fees)
        {
            await _world.Chain.RefusesAsync(error, market.With(2, address), _world.Admin);
        }
    }

    [Fact]
    public async Task Energy_that_no_token_amount_can_say_is_not_minted()
    {
        using var owner = await _world.UserAsync();
        var meterId = await _world.MeterAsync(owner.PublicKey);
        var (admin, registrar, oracle) =
            (_world.Admin.PublicKey, _world.Registrar.PublicKey, _world.Oracle.PublicKey);
        await _world.Chain.RunAsync(
            _world.Registry.Update(
                admin, admin, registrar, oracle, World.Limits with { MaxPowerWatts = ulong.MaxValue }),
            _world.Admin);
        await _world.ReadAsync(meterId, 18_446_744_073_710, 0, _world.Chain.Now);
        await _world.Chain.RefusesAsync(
            ProgramError.MathOverflow,
            _world.Registry.SettleAndMintTokens(_world.EnergyToken, new MeterMint(meterId, owner.PublicKey)));
        await _world.Chain.RunAsync(
            _world.Registry.Update(admin, admin, registrar, oracle, World.Limits), _world.Admin);
    }

    private Task<Executed> UpdateAsync(MarketSettings settings) => _world.Chain.RunAsync(
        _world.Trading.UpdateMarket(_world.Admin.PublicKey, _world.Admin.PublicKey, _world.FeeAccount, settings),
        _world.Admin);

    private Task<RegistryAccount> RegistryAsync() =>
        _world.Chain.AccountAsync(_world.Registry.Registry, RegistryAccount.Parse);

    private Task<TokenConfigAccount> TokenConfigAsync() =>
        _world.Chain.AccountAsync(_world.EnergyToken.TokenConfig, TokenConfigAccount.Parse);

    private Task<MarketAccount> MarketAsync() =>
        _world.Chain.AccountAsync(_world.Trading.Market, MarketAccount.Parse);
}
