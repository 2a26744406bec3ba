using GridTokenX.Solana;
using Xunit.Abstractions;

namespace GridTokenX.Programs.Tests.Chain;

/// <summary>What the instructions cost, as the median of several users: where an address lies decides how many tries
/// its bump takes.</summary>
[Collection(ProgramTests.Name)]
public sealed class ComputeUnitTests(WorldFixture fixture, ITestOutputHelper output)
{
    private const int Runs = 15;

    private readonly World _world = fixture.World;

    private ProgramChain Chain => _world.Chain;

    [Fact]
    public Task Registering_a_user() => CostsAsync("register_user", 5_300, _world.Registry.Id, i =>
        Chain.RunAsync(
            _world.Registry.RegisterUser(
                _world.Registrar.PublicKey, Client.Some.Key($"costs of user {i}"), UserType.Consumer),
            _world.Registrar));

    [Fact]
    public Task Registering_a_meter() => CostsAsync("register_meter", 6_500, _world.Registry.Id, async i =>
    {
        using var owner = await _world.UserAsync();
        return await Chain.RunAsync(
            _world.Registry.RegisterMeter(
                _world.Registrar.PublicKey, owner.PublicKey, $"costs-of-meter-{i}", default, Chain.Now),
            _world.Registrar);
    });

    [Fact]
    public Task Submitting_a_reading() => CostsAsync("submit_meter_reading", 2_500, _world.Registry.Id, async _ =>
    {
        using var owner = await _world.UserAsync();
        return await _world.ReadAsync(await _world.MeterAsync(owner.PublicKey), 1_000, 10, Chain.Now);
    });

    [Theory]
    [InlineData(1, 6_000)]
    [InlineData(8, 48_000)]
    public Task Minting(int meters, int limit) => CostsAsync(
        $"settle_and_mint_tokens, {meters}", limit, _world.Registry.Id, async _ =>
        {
            using var owner = await _world.UserAsync();
            var mints = new List<MeterMint>();
            for (var i = 0; i < meters; i++)
            {
                mints.Add(new MeterMint(await _world.MeterAsync(owner.PublicKey), owner.PublicKey));
                await _world.ReadAsync(mints[i].MeterId, 1_000, 10, Chain.Now);
            }

            return await Chain.RunAsync(_world.Registry.SettleAndMintTokens(_world.EnergyToken, mints));
        });

    [Theory]
    [InlineData(1, 4_400)]
    [InlineData(4, 17_600)]
    public Task Expiring_orders(int count, int limit) => CostsAsync(
        $"expire_order, {count}", limit, _world.Trading.Id, async _ =>
        {
            using var trader = await _world.UserAsync(10_000, 100_000_000);
            var orders = new List<OrderClosing>();
            for (var i = 0; i < count; i++)
            {
                var side = i % 2 == 0 ? OrderSide.Sell : OrderSide.Buy;
                var order = await _world.OrderAsync(side, trader, Terms((ulong)i));
                orders.Add(new OrderClosing(order.Owner, order.OrderId, side, order.RentPayer));
            }

            await Chain.AdvanceAsync(3_600);
            return await Chain.RunAsync(_world.Trading.ExpireOrders(orders));
        });

    [Theory]
    [InlineData(OrderSide.Sell)]
    [InlineData(OrderSide.Buy)]
    public async Task Placing_and_cancelling_an_order(OrderSide side)
    {
        using var trader = await _world.UserAsync(10_000, 100_000_000);
        await CostsAsync($"create_{side}_order", 6_000, _world.Trading.Id, i => Chain.RunAsync(
            _world.Trading.CreateOrder(side, trader.PublicKey, trader.PublicKey, Terms((ulong)i)), trader));
        await CostsAsync($"cancel_order ({side})", 4_400, _world.Trading.Id, i => Chain.RunAsync(
            _world.Trading.CancelOrder(
                new OrderClosing(trader.PublicKey, (ulong)i, side, trader.PublicKey)),
            trader));
    }

    [Theory]
    [InlineData(1_000_000, "part")]
    [InlineData(100_000_000, "whole")]
    public async Task Settling_a_match(ulong amount, string share)
    {
        using var seller = await _world.UserAsync(10_000, 100_000_000);
        using var buyer = await _world.UserAsync(10_000, 100_000_000);
        await CostsAsync($"settle_match, {share}", 12_000, _world.Trading.Id, async i =>
        {
            var (sell, buy) = (await _world.OrderAsync(OrderSide.Sell, seller, Terms((ulong)i)),
                await _world.OrderAsync(OrderSide.Buy, buyer, Terms((ulong)i) with { Price = 4_000_000 }));
            return await Chain.RunAsync(
                _world.Trading.SettleMatch(
                    _world.Matcher.PublicKey, _world.FeeAccount,
                    new MatchSettlement(_world.NextSettlement(), amount, 3_700_000, sell, buy)),
                _world.Matcher);
        });
    }

    private OrderTerms Terms(ulong orderId) => new(orderId, 100_000_000, 3_500_000, Chain.Now + 3_600);

    private async Task CostsAsync(string name, int limit, PublicKey program, Func<int, Task<Executed>> run)
    {
        var units = new List<int>();
        for (var i = 0; i < Runs; i++)
        {
            units.Add((await run(i)).UnitsOf(program));
        }

        units.Sort();
        output.WriteLine($"{name}: median {units[Runs / 2]}, {units[0]} to {units[^1]}");
        units[Runs / 2].ShouldBeLessThanOrEqualTo(limit, name);
    }
}
