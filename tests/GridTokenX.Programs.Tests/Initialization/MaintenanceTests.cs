using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Initialization;

/// <summary>set_maintenance of all three programs, on a chain of its own.</summary>
public sealed class MaintenanceTests(WorldFixture fixture) : IClassFixture<WorldFixture>
{
    private readonly World _world = fixture.World;

    [Fact]
    public async Task In_maintenance_the_market_does_nothing_new_until_it_ends()
    {
        using var seller = await _world.UserAsync(10_000, 100_000_000);
        using var buyer = await _world.UserAsync(10_000, 100_000_000);
        var terms = new OrderTerms(1, 1_000_000_000, 1_000_000, _world.Chain.Now + 100);
        var (sell, buy) = (await _world.OrderAsync(OrderSide.Sell, seller, terms),
            await _world.OrderAsync(OrderSide.Buy, buyer, terms));
        var settlement = new MatchSettlement(_world.NextSettlement(), 1_000_000, 1_000_000, sell, buy);
        var purchase = new DirectPurchase(
            _world.NextSettlement(), 1_000_000, 1_000_000, buyer.PublicKey, sell);
        var second = terms with { OrderId = 3 };
        var trading = _world.Trading;
        var matcher = _world.Matcher.PublicKey;
        (Instruction Instruction, Keypair[] Signers)[] everything =
        [
            (trading.OpenSettlementPage(seller.PublicKey, 9), [seller]),
            (trading.CreateSellOrder(seller.PublicKey, seller.PublicKey, second), [seller]),
            (trading.CreateBuyOrder(buyer.PublicKey, buyer.PublicKey, second), [buyer]),
            (trading.SettleMatch(matcher, _world.FeeAccount, settlement), [_world.Matcher]),
            (trading.MatchOrder(matcher, _world.FeeAccount, purchase), [buyer, _world.Matcher]),
            (trading.ReleaseOrders(matcher, Closing(buy, OrderSide.Buy)), [_world.Matcher]),
        ];
        await EverythingIsRefusedInMaintenanceAsync(trading.SetMaintenance, everything);
    }

    [Fact]
    public async Task In_maintenance_owners_still_get_their_escrow_back()
    {
        using var trader = await _world.UserAsync(1_000, 1_000_000);
        var terms = new OrderTerms(1, 1_000_000_000, 1_000_000, _world.Chain.Now + 100);
        var sell = await _world.OrderAsync(OrderSide.Sell, trader, terms);
        var buy = await _world.OrderAsync(OrderSide.Buy, trader, terms with { OrderId = 2 });
        await _world.Chain.RunAsync(_world.Trading.SetMaintenance(_world.Admin.PublicKey, true), _world.Admin);
        await _world.Chain.RunAsync(_world.Trading.CancelOrder(Closing(sell, OrderSide.Sell)), trader);
        // Maintenance opens no other way: not before the time, and not for a matcher.
        var (expire, release) = (_world.Trading.ExpireOrders(Closing(buy, OrderSide.Buy)),
            _world.Trading.ReleaseOrders(_world.Matcher.PublicKey, Closing(buy, OrderSide.Buy)));
        await _world.Chain.RefusesAsync(ProgramError.OrderNotExpired, expire);
        await _world.Chain.AdvanceAsync(100);
        await _world.Chain.RefusesAsync(ProgramError.MaintenanceMode, release, _world.Matcher);
        await _world.Chain.RunAsync(expire);
        await _world.Chain.RunAsync(_world.Trading.SetMaintenance(_world.Admin.PublicKey, false), _world.Admin);
        (await _world.Chain.TokensAsync(_world.GridOf(trader.PublicKey))).ShouldBe(1_000_000_000UL);
        (await _world.Chain.TokensAsync(_world.GrxOf(trader.PublicKey))).ShouldBe(1_000_000UL);
        (await _world.Chain.LamportsAsync(trader.PublicKey)).ShouldBe(100 * ProgramChain.Sol);
    }

    [Fact]
    public async Task In_maintenance_the_registry_does_nothing_until_it_ends()
    {
        using var owner = await _world.UserAsync();
        var (meterId, other) =
            (await _world.MeterAsync(owner.PublicKey), await _world.MeterAsync(owner.PublicKey));
        await _world.ReadAsync(meterId, 1_000, 0, _world.Chain.Now - 1_000);
        await _world.ReadAsync(other, 1_000, 0, _world.Chain.Now - 1_000);
        var reading = new MeterRegisters(meterId, 2_000, 0, _world.Chain.Now - 500);
        var registry = _world.Registry;
        var registrar = _world.Registrar.PublicKey;
        (Instruction Instruction, Keypair[] Signers)[] everything =
        [
            (registry.RegisterUser(registrar, Client.Some.Key("later"), UserType.Consumer), [_world.Registrar]),
            (registry.RegisterMeter(registrar, owner.PublicKey, "later", default, _world.Chain.Now),
                [_world.Registrar]),
            (registry.SubmitMeterReading(_world.Oracle.PublicKey, reading), [_world.Oracle]),
            (registry.SubmitMeterReadings(
                _world.Oracle.PublicKey, [reading with { Timestamp = _world.Chain.Now }]), [_world.Oracle]),
            (registry.SettleMeterBalance(owner.PublicKey, other), [owner]),
            (registry.SettleAndMintTokens(_world.EnergyToken, new MeterMint(meterId, owner.PublicKey)), []),
            (registry.DeactivateMeter(owner.PublicKey, meterId), [owner]),
        ];
        await EverythingIsRefusedInMaintenanceAsync(registry.SetMaintenance, everything);
        await _world.Chain.RunAsync(registry.GetUnsettledBalance(meterId));
    }

    [Fact]
    public async Task In_maintenance_the_energy_token_is_neither_minted_nor_retired()
    {
        using var owner = await _world.UserAsync(1_000);
        var meterId = await _world.MeterAsync(owner.PublicKey);
        await _world.ReadAsync(meterId, 1_000, 0, _world.Chain.Now - 1_000);
        (Instruction Instruction, Keypair[] Signers)[] everything =
        [
            (_world.EnergyToken.Retire(owner.PublicKey, 1), [owner]),
            (_world.Registry.SettleAndMintTokens(
                _world.EnergyToken, new MeterMint(meterId, owner.PublicKey)), []),
        ];
        await EverythingIsRefusedInMaintenanceAsync(_world.EnergyToken.SetMaintenance, everything);
    }

    [Fact]
    public async Task In_maintenance_the_admin_still_updates()
    {
        var admin = _world.Admin.PublicKey;
        await _world.Chain.RunAsync(_world.Trading.SetMaintenance(admin, true), _world.Admin);
        await _world.Chain.RunAsync(
            _world.Trading.UpdateMarket(admin, admin, _world.FeeAccount, _world.Settings), _world.Admin);
        await _world.Chain.RunAsync(_world.Trading.SetMaintenance(admin, false), _world.Admin);
        await _world.Chain.RunAsync(_world.Registry.SetMaintenance(admin, true), _world.Admin);
        await _world.Chain.RunAsync(
            _world.Registry.Update(
                admin, admin, _world.Registrar.PublicKey, _world.Oracle.PublicKey, World.Limits),
            _world.Admin);
        await _world.Chain.RunAsync(_world.Registry.SetMaintenance(admin, false), _world.Admin);
        await _world.Chain.RunAsync(_world.EnergyToken.SetMaintenance(admin, true), _world.Admin);
        await _world.Chain.RunAsync(_world.EnergyToken.Update(admin, admin), _world.Admin);
        await _world.Chain.RunAsync(_world.EnergyToken.SetMaintenance(admin, false), _world.Admin);
    }

    [Fact]
    public async Task Only_the_admin_sets_maintenance()
    {
        using var stranger = await _world.Chain.FundedAsync();
        Func<PublicKey, bool, Instruction>[] programs =
        [
            _world.Registry.SetMaintenance, _world.EnergyToken.SetMaintenance, _world.Trading.SetMaintenance,
        ];
        foreach (var setMaintenance in programs)
        {
            foreach (var key in (Keypair[])[stranger, _world.Registrar, _world.Oracle, _world.Matcher])
            {
                await _world.Chain.RefusesAsync(ProgramError.Unauthorized, setMaintenance(key.PublicKey, true), key);
            }

            var valid = setMaintenance(_world.Admin.PublicKey, false);
            await _world.Chain.RefusesMalformedAsync(valid, _world.Admin);
            await _world.Chain.RefusesAsync(ProgramError.InvalidInstruction, valid.WithByte(8, 2), _world.Admin);
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidAccountOwner, valid.With(1, stranger.PublicKey), _world.Admin);
            await _world.Chain.RefusesAsync(
                ProgramError.InvalidAccountOwner, valid.With(1, _world.EnergyToken.Mint), _world.Admin);
            await _world.Chain.RunAsync(valid, _world.Admin);
        }
    }

    private static OrderClosing Closing(OrderReference order, OrderSide side) =>
        new(order.Owner, order.OrderId, side, order.RentPayer);

    // Afterwards each of them succeeds, so it was maintenance alone that refused it.
    private async Task EverythingIsRefusedInMaintenanceAsync(
        Func<PublicKey, bool, Instruction> setMaintenance, (Instruction Instruction, Keypair[] Signers)[] everything)
    {
        await _world.Chain.RunAsync(setMaintenance(_world.Admin.PublicKey, true), _world.Admin);
        foreach (var (instruction, signers) in everything)
        {
            await _world.Chain.RefusesAsync(ProgramError.MaintenanceMode, instruction, signers);
        }

        await _world.Chain.RunAsync(setMaintenance(_world.Admin.PublicKey, false), _world.Admin);
        foreach (var (instruction, signers) in everything)
        {
            await _world.Chain.RunAsync(instruction, signers);
        }
    }
}
