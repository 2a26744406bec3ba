using System.Buffers.Binary;
using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Events;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Programs.Tests.Chain;

/// <summary>What the instructions tell is what the log says, event for event and in the same places.</summary>
[Collection(ProgramTests.Name)]
public sealed class InstructionEventTests(WorldFixture fixture)
{
    private const ulong KiloWattHour = 1_000_000_000;

    private readonly World _world = fixture.World;
    private readonly List<OrderCreated> _created = [];

    [Fact]
    public async Task Orders_are_told_from_their_instructions()
    {
        using var trader = await _world.UserAsync(10_000, 100_000_000);
        var (sell, buy) = (Terms(1), Terms(2));
        var placed = await _world.Chain.RunAsync([Place(OrderSide.Sell, sell), Place(OrderSide.Buy, buy)], trader);
        (await ToldAsync(placed)).Count.ShouldBe(2);
        await ToldAsync(await _world.Chain.RunAsync(
            [
                Cancel(OrderSide.Buy, 2), Place(OrderSide.Sell, Terms(3)), Cancel(OrderSide.Sell, 1),
                Cancel(OrderSide.Sell, 3),
            ],
            trader));

        await ToldAsync(await _world.Chain.RunAsync(
            [Place(OrderSide.Sell, Terms(4)), Place(OrderSide.Buy, Terms(5))], trader));
        await ToldAsync(await _world.Chain.RunAsync(
            _world.Trading.ReleaseOrders(
                _world.Matcher.PublicKey, Closing(OrderSide.Sell, 4), Closing(OrderSide.Buy, 5)),
            _world.Matcher));
        await ToldAsync(await _world.Chain.RunAsync(
            [Place(OrderSide.Sell, Terms(6)), Place(OrderSide.Buy, Terms(7))], trader));
        await _world.Chain.AdvanceAsync(3_600);
        (await ToldAsync(await _world.Chain.RunAsync(
            _world.Trading.ExpireOrders(Closing(OrderSide.Buy, 7), Closing(OrderSide.Sell, 6))))).Count.ShouldBe(2);

        Instruction Place(OrderSide side, OrderTerms terms) =>
            _world.Trading.CreateOrder(side, trader.PublicKey, trader.PublicKey, terms);
        Instruction Cancel(OrderSide side, ulong id) => _world.Trading.CancelOrder(Closing(side, id));
        OrderClosing Closing(OrderSide side, ulong id) => new(trader.PublicKey, id, side, trader.PublicKey);
    }

    [Fact]
    public async Task Meters_and_retired_energy_are_told_from_their_instructions()
    {
        using var owner = await _world.UserAsync(10);
        var (first, second) = (await _world.MeterAsync(owner.PublicKey), await _world.MeterAsync(owner.PublicKey));
        await _world.ReadAsync(first, 500, 100, _world.Chain.Now);
        await _world.ReadAsync(second, 700, 0, _world.Chain.Now);
        (await ToldAsync(await _world.Chain.RunAsync(
            [
                _world.EnergyToken.Retire(owner.PublicKey, 3),
                _world.Registry.SettleAndMintTokens(
                    _world.EnergyToken,
                    new MeterMint(first, owner.PublicKey),
                    new MeterMint(second, owner.PublicKey)),
            ],
            owner))).Count.ShouldBe(3);

        await _world.Chain.AdvanceAsync(3_600);
        await _world.ReadAsync(first, 900, 100, _world.Chain.Now);
        await ToldAsync(
            await _world.Chain.RunAsync(
                [
                    _world.Registry.SettleMeterBalance(owner.PublicKey, first),
                    _world.Registry.DeactivateMeter(owner.PublicKey, second),
                ],
                owner),
            settledBefore: 400);
    }

    [Fact]
    public async Task What_only_the_platform_can_do_keeps_its_places()
    {
        using var wallet = await _world.Chain.FundedAsync();
        var executed = await _world.Chain.RunAsync(
            _world.Registry.RegisterUser(_world.Registrar.PublicKey, wallet.PublicKey, UserType.Consumer),
            _world.Registrar);
        (await ReadAsync(executed)).ShouldBe([new InstructionEvent.Untold("register_user")]);
        var count = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(count, Discriminator.OfInstruction("settle_match"));
        count[8] = 3;
        Events().Read([new(_world.Trading.Id, [], count, 1)], 0)
            .ShouldBe(Enumerable.Repeat(new InstructionEvent.Untold("settle_match"), 3));
    }

    [Fact]
    public void A_call_by_a_foreign_program_counts_with_its_own_calls_only()
    {
        var (owner, foreign) = (Client.Some.Key("owner"), Client.Some.Key("foreign program"));
        var cancel = _world.Trading.CancelOrder(new OrderClosing(owner, 9, OrderSide.Sell, owner));
        var told = Events().Read(
            [
                new(foreign, [], new byte[] { 1 }, 1),
                Executed(TokenProgram.Transfer(owner, foreign, owner, 1), 2),
                Executed(cancel, 2),
                Executed(TokenProgram.Transfer(owner, foreign, owner, 5), 3),
                Executed(TokenProgram.Transfer(owner, foreign, owner, 7), 2),
                new(foreign, [], cancel.Data, 1),
            ],
            17);
        told.ShouldBe([new InstructionEvent.OrderClosed(
            _world.Trading.Order(owner, 9), 5, OrderClosingReason.Cancelled, 17)]);
        Events().Read([Executed(cancel, 1)], 17).ShouldBe([new InstructionEvent.Untold("cancel_order")]);
    }

    private OrderTerms Terms(ulong id) => new(id, id * KiloWattHour / 10, 1_000_000, _world.Chain.Now + 600);

    private InstructionEvents Events() => new(_world.Registry, _world.EnergyToken, _world.Trading);

    private static ExecutedInstruction Executed(Instruction instruction, int height) => new(
        instruction.Program, [.. instruction.Accounts.Select(account => account.Address)], instruction.Data, height);

    private async Task<IReadOnlyList<InstructionEvent>> ReadAsync(Executed executed)
    {
        var transaction = (await _world.Chain.Rpc.GetTransactionAsync(executed.Signature)).ShouldNotBeNull();
        return Events().Read(ExecutedInstruction.Of(transaction), transaction.BlockTime.ShouldNotBeNull());
    }

    /// <summary>What the instructions tell, which must be what the log says.</summary>
    private async Task<IReadOnlyList<ProgramEvent>> ToldAsync(Executed executed, ulong settledBefore = 0)
    {
        var events = new List<ProgramEvent>();
        foreach (var told in await ReadAsync(executed))
        {
            ProgramEvent whole = told switch
            {
                InstructionEvent.Whole one => one.Event,
                InstructionEvent.OrderClosed closed =>
                    closed.Complete(_created.Last(order => order.Order == closed.Order)),
                InstructionEvent.MeterSettled settled =>
                    settled.Complete(await MeterAsync(settled.Meter), settledBefore),
                InstructionEvent.MeterOff off => off.Complete(await MeterAsync(off.Meter)),
                _ => throw new InvalidOperationException($"{told} tells too little."),
            };
            events.Add(whole);
            if (whole is OrderCreated created)
            {
                _created.Add(created);
            }
        }

        events.ShouldBe(_world.EventsOf(executed));
        return events;
    }

    private Task<MeterAccount> MeterAsync(PublicKey meter) =>
        _world.Chain.AccountAsync(meter, MeterAccount.Parse);
}
