using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Events;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Attacks;

/// <summary>What needs a program of the attacker's own. The other attacks (strangers who sign, swapped accounts, other
/// mints and addresses, replayed settlements, prices, amounts) stand with each instruction's tests.</summary>
public sealed class AttackTests(AttackedFixture fixture) : IClassFixture<AttackedFixture>
{
    private const ulong Amount = 1_000_000_000;
    private const ulong Price = 1_000_000;

    private readonly World _world = fixture.World;

    private ProgramChain Chain => _world.Chain;

    [Fact]
    public async Task Another_program_does_not_mint_from_production()
    {
        using var thief = await _world.UserAsync();
        var grid = _world.GridOf(thief.PublicKey);
        var supply = await Chain.Rpc.GetTokenSupplyAsync(_world.EnergyToken.Mint);
        var own = Pda.Find(Attacker.Id, "registry"u8.ToArray()).Address;
        await Chain.RefusesAsync(
            ProgramError.Unauthorized, _world.Mint(Attacker.MintUnsigned, _world.Registry.Registry, grid));
        await Chain.RefusesAsync(ProgramError.Unauthorized, _world.Mint(Attacker.MintByOwnAddress, own, grid));
        var forged = await Chain.RefusesAsync(_world.Mint(Attacker.MintForged, _world.Registry.Registry, grid));
        forged.Logs.ShouldContain(line => line.Contains("escalated", StringComparison.Ordinal));
        (await Chain.Rpc.GetTokenSupplyAsync(_world.EnergyToken.Mint)).ShouldBe(supply);
        (await Chain.TokensAsync(grid)).ShouldBe(0UL);
    }

    [Fact]
    public async Task A_forged_configuration_of_the_energy_token_mints_nothing()
    {
        using var thief = await _world.UserAsync();
        var own = Pda.Find(Attacker.Id, "registry"u8.ToArray()).Address;
        var config = await _world.ForgeAsync(_world.EnergyToken.TokenConfig, data => own.CopyTo(data.AsSpan(72)));
        var mint = _world.Mint(Attacker.MintByOwnAddress, own, _world.GridOf(thief.PublicKey));
        await Chain.RefusesAsync(ProgramError.InvalidAccountOwner, mint.With(1, config));
    }

    [Fact]
    public async Task A_forged_energy_token_program_settles_nothing()
    {
        using var owner = await _world.UserAsync();
        var meterId = await _world.MeterAsync(owner.PublicKey);
        await _world.ReadAsync(meterId, 1_000, 0, Chain.Now);
        var valid = _world.Registry.SettleAndMintTokens(_world.EnergyToken, new MeterMint(meterId, owner.PublicKey));
        await Chain.RefusesAsync(ProgramError.InvalidProgram, valid.With(3, Attacker.Id));
        // Nor does a registry of the attacker's, which would name that program.
        var registry = await _world.ForgeAsync(_world.Registry.Registry, data => Attacker.Id.CopyTo(data.AsSpan(104)));
        await Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner, valid.With(0, registry).With(3, Attacker.Id));
        (await _world.MeterOfAsync(meterId)).SettledNetGeneration.ShouldBe(0UL);
    }

    [Fact]
    public async Task A_forged_meter_generates_nothing()
    {
        using var thief = await _world.UserAsync();
        var meterId = await _world.MeterAsync(thief.PublicKey);
        var meter = await _world.ForgeAsync(
            _world.Registry.Meter(meterId), data => BitConverter.TryWriteBytes(data.AsSpan(104), 1_000_000UL));
        var mint = _world.Registry.SettleAndMintTokens(_world.EnergyToken, new MeterMint(meterId, thief.PublicKey));
        await Chain.RefusesAsync(ProgramError.InvalidAccountOwner, mint.With(5, meter));
        await Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner,
            _world.Registry.SettleMeterBalance(thief.PublicKey, meterId).With(2, meter), thief);
        await Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner,
            _world.Registry.DeactivateMeter(thief.PublicKey, meterId).With(2, meter), thief);
        await Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner, _world.Registry.GetUnsettledBalance(meterId).With(0, meter));
    }

    [Fact]
    public async Task A_forged_registry_names_nobody()
    {
        using var thief = await _world.UserAsync();
        var key = thief.PublicKey;
        var meterId = await _world.MeterAsync(key);
        var registry = await _world.ForgeAsync(_world.Registry.Registry, data =>
        {
            key.CopyTo(data.AsSpan(8));
            key.CopyTo(data.AsSpan(40));
            key.CopyTo(data.AsSpan(72));
        });
        Instruction[] everything =
        [
            _world.Registry.RegisterUser(key, Client.Some.Key("another"), UserType.Consumer),
            _world.Registry.RegisterMeter(key, key, "another", default, 0),
            _world.Registry.SubmitMeterReading(key, new MeterRegisters(meterId, 1_000, 0, Chain.Now)),
            _world.Registry.SubmitMeterReadings(key, [new MeterRegisters(meterId, 1_000, 0, Chain.Now)]),
            _world.Registry.SetMaintenance(key, true),
            _world.Registry.Update(key, key, key, key, World.Limits),
        ];
        foreach (var instruction in everything)
        {
            var at = instruction.Accounts.ToList().FindIndex(meta => meta.Address == _world.Registry.Registry);
            await Chain.RefusesAsync(ProgramError.InvalidAccountOwner, instruction.With(at, registry), thief);
        }
    }

    [Fact]
    public async Task A_forged_market_moves_nothing()
    {
        using var seller = await _world.UserAsync(1_000);
        using var buyer = await _world.UserAsync(0, 1_000_000);
        using var thief = await _world.UserAsync();
        var (sell, buy) = (await PlaceAsync(OrderSide.Sell, seller), await PlaceAsync(OrderSide.Buy, buyer));
        // The thief is admin and matcher, and takes the fees.
        var market = await _world.ForgeAsync(_world.Trading.Market, data =>
        {
            thief.PublicKey.CopyTo(data.AsSpan(8));
            _world.GrxOf(thief.PublicKey).CopyTo(data.AsSpan(168));
            thief.PublicKey.CopyTo(data.AsSpan(200));
        });
        var (key, fees) = (thief.PublicKey, _world.GrxOf(thief.PublicKey));
        var closing = new OrderClosing(seller.PublicKey, 1, OrderSide.Sell, seller.PublicKey);
        (Instruction Instruction, Keypair[] Signers)[] everything =
        [
            (_world.Trading.SettleMatch(key, fees, Settlement(sell, buy)), [thief]),
            (_world.Trading.ReleaseOrders(key, closing), [thief]),
            (_world.Trading.CancelOrder(closing), [seller]),
            (_world.Trading.CreateSellOrder(seller.PublicKey, seller.PublicKey, Terms with { OrderId = 2 }), [seller]),
            (_world.Trading.MatchOrder(key, fees, new DirectPurchase(1, 1_000, Price, buyer.PublicKey, sell)),
                [buyer, thief]),
            (_world.Trading.OpenSettlementPage(key, 5), [thief]),
            (_world.Trading.SetMaintenance(key, true), [thief]),
            (_world.Trading.UpdateMarket(key, key, fees, _world.Settings), [thief]),
        ];
        foreach (var (instruction, signers) in everything)
        {
            var at = instruction.Accounts.ToList().FindIndex(meta => meta.Address == _world.Trading.Market);
            await Chain.RefusesAsync(ProgramError.InvalidAccountOwner, instruction.With(at, market), signers);
        }
    }

    [Fact]
    public async Task Forged_orders_take_nothing_out_of_the_vaults()
    {
        using var thief = await _world.UserAsync(1_000, 1_000_000);
        using var accomplice = await _world.UserAsync(0, 1_000_000);
        var (sell, buy) = (await PlaceAsync(OrderSide.Sell, thief), await PlaceAsync(OrderSide.Buy, accomplice));
        var order = _world.Trading.Order(thief.PublicKey, 1);
        var forged = await _world.ForgeAsync(order, data =>
        {
            BitConverter.TryWriteBytes(data.AsSpan(80), Amount * 1_000);
            BitConverter.TryWriteBytes(data.AsSpan(104), Amount * 1_000);
        });
        var closing = new OrderClosing(thief.PublicKey, 1, OrderSide.Sell, thief.PublicKey);
        await Chain.RefusesAsync(
            ProgramError.InvalidAccountOwner, _world.Trading.CancelOrder(closing).With(3, forged), thief);
        var settle = _world.Trading.SettleMatch(
            _world.Matcher.PublicKey, _world.FeeAccount, Settlement(sell, buy));
        await Chain.RefusesAsync(ProgramError.InvalidAccountOwner, settle.With(7, forged), _world.Matcher);
        await Chain.RefusesAsync(ProgramError.InvalidAccountOwner, settle.With(8, forged), _world.Matcher);
        // With a page that knows of no settlement, everything could be settled again.
        var page = await _world.ForgeAsync(new byte[64]);
        await Chain.RefusesAsync(ProgramError.InvalidAccountOwner, settle.With(2, page), _world.Matcher);
    }

    [Fact]
    public async Task A_forged_token_account_pays_nothing()
    {
        using var thief = await _world.UserAsync(1_000, 1_000_000);
        var rich = await _world.ForgeAsync(
            _world.GridOf(thief.PublicKey), data => BitConverter.TryWriteBytes(data.AsSpan(64), ulong.MaxValue));
        await Chain.RefusesAsync(
            ProgramError.InvalidTokenAccount,
            _world.Trading.CreateSellOrder(thief.PublicKey, thief.PublicKey, Terms with { Amount = 1UL << 50 }, rich),
            thief);
        await Chain.RefusesAsync(
            ProgramError.InvalidTokenAccount, _world.EnergyToken.Retire(thief.PublicKey, 1, rich), thief);
    }

    [Fact]
    public async Task What_a_hostile_program_logs_is_no_event_of_ours()
    {
        using var trader = await _world.UserAsync(1_000);
        var real = await Chain.RunAsync(
            _world.Trading.CreateSellOrder(trader.PublicKey, trader.PublicKey, Terms), trader);
        const string Prefix = "Program data: ";
        var data = Convert.FromBase64String(
            real.Logs.Single(line => line.StartsWith(Prefix, StringComparison.Ordinal))[Prefix.Length..]);
        var invocation = $"Program {_world.Trading.Id} invoke [2]";
        var closing = new OrderClosing(trader.PublicKey, 1, OrderSide.Sell, trader.PublicKey);
        var executed = await Chain.RunAsync(
            [
                Attacker.LogText(invocation), Attacker.LogData(data), Attacker.LogText($"\n{invocation}"),
                Attacker.PassOn(_world.Trading.CancelOrder(closing)), Attacker.LogData(data),
            ],
            trader);
        executed.Logs.Count(line => line.Contains(Convert.ToBase64String(data), StringComparison.Ordinal))
            .ShouldBe(2);
        // Called by another program ours still logs its own.
        _world.EventOf(executed).ShouldBeOfType<OrderCancelled>().Owner.ShouldBe(trader.PublicKey);
    }

    [Fact]
    public async Task A_call_through_another_program_needs_the_owners_signature_too()
    {
        using var trader = await _world.UserAsync(1_000);
        await PlaceAsync(OrderSide.Sell, trader);
        var cancel = _world.Trading.CancelOrder(
            new OrderClosing(trader.PublicKey, 1, OrderSide.Sell, trader.PublicKey));
        (await Chain.RefusesAsync(Attacker.PassOn(cancel).Unsigned(1)))
            .Logs.ShouldContain(line => line.Contains("escalated", StringComparison.Ordinal));
        await Chain.RunAsync(Attacker.PassOn(cancel), trader);
    }

    private OrderTerms Terms => new(1, Amount, Price, Chain.Now + 1_000);

    private Task<OrderReference> PlaceAsync(OrderSide side, Keypair owner) => _world.OrderAsync(side, owner, Terms);

    private MatchSettlement Settlement(OrderReference sell, OrderReference buy) =>
        new(_world.NextSettlement(), Amount, Price, sell, buy);
}
