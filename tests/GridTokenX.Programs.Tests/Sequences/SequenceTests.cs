using System.Globalization;
using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Sequences;

/// <summary>Generated instructions, right and wrong ones, one after the other: after each of them everything on the
/// chain is what the plain model says, down to the lamport.</summary>
public sealed class SequenceTests(WorldFixture fixture) : IClassFixture<WorldFixture>
{
    private const int Traders = 5;
    private const int Steps = 700;

    private readonly World _world = fixture.World;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task The_chain_does_what_the_model_does(ulong seed)
    {
        var traders = new List<Trader>();
        for (var i = 0; i < Traders; i++)
        {
            var key = await _world.UserAsync(20_000, 20_000_000);
            traders.Add(new Trader(key, await _world.MeterAsync(key.PublicKey)));
        }

        var (play, places) = (new Play(_world, traders), new Places(_world, traders));
        var ledger = await BeginAsync();
        await CompareAsync(ledger, places, "before the first step");
        var (steps, succeeded) = (Step.Sequence(seed, Steps), 0);
        for (var i = 0; i < steps.Count; i++)
        {
            var what = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, step {i}: {steps[i]}");
            if (steps[i].Kind == StepKind.Advance)
            {
                await _world.Chain.AdvanceAsync(1 + (steps[i].Size % 900));
                ledger = ledger with { Now = _world.Chain.Now };
                continue;
            }

            var attempt = play.Of(steps[i], ledger);
            succeeded += await PlayAsync(attempt, what) ? 1 : 0;
            ledger = attempt.Verdict.After;
            await CompareAsync(ledger, places, what);
        }

        // Else the generator makes nothing but nonsense, and the test says little.
        succeeded.ShouldBeGreaterThan(Steps / 3);
        await EndAsync(play, ledger, places);
    }

    private async Task<bool> PlayAsync(Attempt attempt, string what)
    {
        var executed = await _world.Chain.TryAsync([attempt.Instruction], attempt.Signers);
        var told = $"{what}\n{executed.Error}\n{string.Join('\n', executed.Logs)}";
        if (attempt.Verdict.Errors.Count == 0)
        {
            executed.Error.ShouldBeNull(told);
            return true;
        }

        attempt.Verdict.Errors.ShouldContain(executed.ProgramError, told);
        return false;
    }

    private async Task<Ledger> BeginAsync()
    {
        var page = await _world.Chain.AccountAsync(_world.Trading.SettlementPage(0), SettlementPageAccount.Parse);
        var supply = await _world.Chain.Rpc.GetTokenSupplyAsync(_world.EnergyToken.Mint);
        var holdings = new Holdings(
            20_000_000_000, 20_000_000, 100 * ProgramChain.Sol, 0, 0, 0, _world.Chain.Now - (1_000 * 86_400), 0);
        return new Ledger
        {
            Traders = [.. Enumerable.Repeat(holdings, Traders)],
            Supply = supply.Amount,
            Fees = await _world.Chain.TokensAsync(_world.FeeAccount),
            Now = _world.Chain.Now,
            FeeBasisPoints = World.FeeBasisPoints,
            MinPrice = World.MinPrice,
            MaxPrice = World.MaxPrice,
            Settlements = [.. Enumerable.Range(0, Play.RepeatedSettlements).Select(id => (ulong)id).Where(page.IsUsed)],
        };
    }

    // Everybody takes back what is his; then nothing is left anywhere.
    private async Task EndAsync(Play play, Ledger ledger, Places places)
    {
        var traders = places.Traders;
        var open = play.SetMaintenance(ledger, isOn: false);
        (await PlayAsync(open, "the end")).ShouldBeTrue();
        ledger = open.Verdict.After;
        foreach (var (key, order) in ledger.Orders)
        {
            var trader = traders[key.Owner];
            await _world.Chain.RunAsync(
                _world.Trading.CancelOrder(new OrderClosing(
                    trader.Address, key.Id, order.Side, traders[order.Payer].Address)),
                trader.Key);
            ledger = Rules.Close(ledger, Events.OrderClosingReason.Cancelled, key.Owner, [key]).After;
        }

        await CompareAsync(ledger, places, "the end");
        (ledger.GridVault, ledger.GrxVault).ShouldBe((0, 0));
        ledger.Traders.ShouldAllBe(holdings => holdings.Lamports == 100 * ProgramChain.Sol);
        await _world.Chain.RunAsync(
            _world.Trading.UpdateMarket(
                _world.Admin.PublicKey, _world.Admin.PublicKey, _world.FeeAccount, _world.Settings),
            _world.Admin);
        var page = await _world.Chain.AccountAsync(_world.Trading.SettlementPage(0), SettlementPageAccount.Parse);
        ledger.Settlements.ShouldAllBe(id => page.IsUsed(id));
    }

    private async Task CompareAsync(Ledger ledger, Places places, string what)
    {
        var traders = places.Traders;
        var snapshot = await places.ReadAsync(_world);
        for (var i = 0; i < traders.Count; i++)
        {
            var (has, address) = (ledger.Traders[i], traders[i].Address);
            snapshot.Lamports(address).ShouldBe((ulong)has.Lamports, what);
            snapshot.Tokens(places.Grid[i]).ShouldBe((ulong)has.Grid, what);
            snapshot.Tokens(places.Grx[i]).ShouldBe((ulong)has.Grx, what);
            var meter = snapshot.Read(places.Meters[i], MeterAccount.Parse);
            (meter.TotalProduction, meter.TotalConsumption, meter.SettledNetGeneration).ShouldBe(
                ((ulong)has.Production, (ulong)has.Consumption, (ulong)has.Settled), what);
            (meter.LastReadingAt, meter.Readings).ShouldBe((has.LastReadingAt, (ulong)has.Readings), what);
        }

        snapshot.Tokens(_world.Trading.GridVault).ShouldBe((ulong)ledger.GridVault, what);
        snapshot.Tokens(_world.Trading.GrxVault).ShouldBe((ulong)ledger.GrxVault, what);
        snapshot.Tokens(_world.FeeAccount).ShouldBe((ulong)ledger.Fees, what);
        snapshot.Read(_world.EnergyToken.Mint, Mint.Parse).Supply.ShouldBe((ulong)ledger.Supply, what);
        CompareOrders(ledger, places, snapshot, what);
    }

    private void CompareOrders(Ledger ledger, Places places, Snapshot snapshot, string what)
    {
        var traders = places.Traders;
        var escrowed = new Dictionary<OrderSide, ulong> { [OrderSide.Sell] = 0, [OrderSide.Buy] = 0 };
        foreach (var key in places.Orders.Keys)
        {
            var place = places.Orders[key];
            var address = place.Address;
            if (!ledger.Orders.TryGetValue(key, out var expected))
            {
                snapshot.Exists(address).ShouldBeFalse(what);
                continue;
            }

            var order = snapshot.Read(address, OrderAccount.Parse);
            order.ShouldBe(
                new OrderAccount(
                    traders[key.Owner].Address, traders[expected.Payer].Address, key.Id, (ulong)expected.Amount,
                    (ulong)expected.Filled, (ulong)expected.Price, (ulong)expected.Escrowed, expected.CreatedAt,
                    expected.ExpiresAt, (ushort)expected.FeeBasisPoints, expected.Side, place.Bump),
                what);
            snapshot.Lamports(address).ShouldBe((ulong)Ledger.OrderRent, what);
            escrowed[order.Side] += order.Escrowed;
        }

        // By the chain's accounts alone: the vaults hold exactly what the orders have escrowed.
        escrowed[OrderSide.Sell].ShouldBe(snapshot.Tokens(_world.Trading.GridVault), what);
        escrowed[OrderSide.Buy].ShouldBe(snapshot.Tokens(_world.Trading.GrxVault), what);
    }
}
