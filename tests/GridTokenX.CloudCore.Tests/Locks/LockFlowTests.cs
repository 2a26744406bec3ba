using System.Text;
using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridTokenX.CloudCore.Tests.Locks;

/// <summary>From a match to the device and back, with the real database; device and broker are the test's.</summary>
public sealed class LockFlowTests : IAsyncLifetime, IDisposable
{
    private readonly FakeBroker _broker = new();
    private MarketWorld _world = null!;
    private DeviceStateReceiver _receiver = null!;
    private Trader _seller = null!;
    private Trader _buyer = null!;
    private long _sequence;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync(broker: _broker);
        _receiver = new DeviceStateReceiver(
            _world.Records, _world.Readiness, _world.Wall, NullLogger<DeviceStateReceiver>.Instance, _broker);
        await _receiver.StartAsync(CancellationToken.None);
        await Eventually.HoldsAsync(() => _broker.IsConnected && _broker.HasReceiver);
        await _world.Publisher.StartAsync(CancellationToken.None);
        _seller = await _world.TraderAsync();
        _buyer = await _world.TraderAsync();
    }

    public async Task DisposeAsync()
    {
        await _receiver.StopAsync(CancellationToken.None);
        await _world.Publisher.StopAsync(CancellationToken.None);
        await _world.DisposeAsync();
    }

    public void Dispose()
    {
        _receiver.Dispose();
        _world.Publisher.Dispose();
    }

    [Fact]
    public async Task Sold_energy_is_locked_acknowledged_and_released()
    {
        var order = await SoldAsync(500);
        var command = await CommandAsync(1);
        command.Order.ShouldBe(order);
        command.EnergyWh.ShouldBe(500);
        command.Counter.ShouldBe(1);
        command.Expires.ShouldBe(CloudHost.Noon.AddMinutes(45).ToUnixTimeSeconds());
        command.HasValidMac(_world.CommandKeys.For(_seller.Device.PublicKey)).ShouldBeTrue();
        _broker.Published[0].Topic.ShouldBe(Topics.Command(_seller.Device.PublicKey.ToString()));
        _broker.Filter.ShouldBe(Topics.AllStates);
        (await UnansweredAsync()).ShouldBe(1);

        _broker.Say(State(command, LockState.Locked, StateCause.LockAccepted));
        await LockIsAsync(order, "acknowledged");
        (await UnansweredAsync()).ShouldBe(0);
        _broker.Say(State(command, LockState.Idle, StateCause.Delivered, delivered: 500));
        await LockIsAsync(order, "released");
        (await _world.OneAsync<(long, bool, bool)>(
            "select delivered_wh, ever_sent, ever_acknowledged from device_locks")).ShouldBe((500, true, true));
    }

    [Fact]
    public async Task Later_match_of_the_same_order_raises_the_lock()
    {
        var order = await _world.ActiveAskAsync(_seller, 1_000, 1_000_000);
        await BoughtAsync(300);
        _broker.Say(State(await CommandAsync(1), LockState.Locked, StateCause.LockAccepted));
        await LockIsAsync(order, "acknowledged");
        await BoughtAsync(200);
        var second = await CommandAsync(2);
        (second.Order, second.Counter, second.EnergyWh).ShouldBe((order, 2, 500));
        _broker.Say(State(second, LockState.Locked, StateCause.LockAccepted));
        await LockIsAsync(order, "acknowledged");
        (await _world.OneAsync<long>("select acknowledged_wh from device_locks")).ShouldBe(500);
    }

    [Fact]
    public async Task Second_order_waits_until_the_device_is_free()
    {
        var first = await SoldAsync(500);
        var command = await CommandAsync(1);
        var second = await SoldAsync(300);
        _broker.Say(State(command, LockState.Locked, StateCause.LockAccepted));
        await LockIsAsync(first, "acknowledged");
        await _world.RunAsync();
        await LockIsAsync(second, "queued");
        _broker.Say(State(command, LockState.Idle, StateCause.Delivered, delivered: 500));
        await LockIsAsync(first, "released");
        await _world.RunAsync();
        (await CommandAsync(2)).Order.ShouldBe(second);
    }

    [Fact]
    public async Task Refused_lock_is_rejected_with_its_reason()
    {
        var order = await SoldAsync(500);
        _broker.Say(Refusal(await CommandAsync(1), CommandRefusal.EnergyUnavailable));
        await LockIsAsync(order, "rejected");
        (await _world.OneAsync<string>("select refusal from device_locks")).ShouldBe("energy_unavailable");
    }

    [Fact]
    public async Task Counter_that_the_device_knows_already_is_replaced()
    {
        _ = await SoldAsync(500);
        var first = await CommandAsync(1);
        _broker.Say(State(first with { Counter = 40, Order = Guid.Empty }, LockState.Idle, StateCause.Boot));
        _broker.Say(Refusal(first, CommandRefusal.Counter));
        await Eventually.HoldsAsync(async () => await LockStatusAsync(first.Order) == "queued");
        await _world.RunAsync();
        (await CommandAsync(2)).Counter.ShouldBe(41);
    }

    [Fact]
    public async Task Busy_device_is_asked_again_after_a_while()
    {
        var order = await SoldAsync(500);
        _broker.Say(Refusal(await CommandAsync(1), CommandRefusal.Busy));
        await LockIsAsync(order, "queued");
        await _world.RunAsync();
        await LockIsAsync(order, "queued");
        await _world.AdvanceAsync(TimeSpan.FromSeconds(30));
        (await CommandAsync(2)).Order.ShouldBe(order);
    }

    [Fact]
    public async Task Energy_whose_settlement_failed_is_let_go()
    {
        var order = await SoldAsync(500);
        var command = await CommandAsync(1);
        _broker.Say(State(command, LockState.Locked, StateCause.LockAccepted));
        await LockIsAsync(order, "acknowledged");
        await FailAsync(order, 200);
        var less = await CommandAsync(2);
        (less.Kind, less.EnergyWh, less.Counter).ShouldBe((CommandKind.Lock, 300, 2));
        _broker.Say(State(less, LockState.Locked, StateCause.LockAccepted));
        await LockIsAsync(order, "acknowledged");

        await FailAsync(order, 300);
        var release = await CommandAsync(3);
        (release.Kind, release.Order).ShouldBe((CommandKind.Release, order));
        _broker.Say(State(release, LockState.Idle, StateCause.Released));
        await LockIsAsync(order, "released");
        await _world.RunAsync();
        DifferentCommands().Count.ShouldBe(3);
    }

    [Fact]
    public async Task Lock_that_was_never_sent_is_not_sent_when_its_settlement_failed()
    {
        _ = await SoldAsync(500);
        var second = await SoldAsync(300);
        await FailAsync(second, 300);
        await LockIsAsync(second, "released");
        (await UnansweredAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Command_is_repeated_until_it_is_answered()
    {
        _broker.IsBroken = true;
        _ = await SoldAsync(500);
        await Eventually.HoldsAsync(() => _broker.Failures > 0);
        _broker.IsBroken = false;

        // The first one goes out as soon as it can, the second two seconds later.
        await Eventually.HoldsAsync(() => _broker.Commands.Count >= 2);
        var second = _broker.Commands[1];
        second.ShouldBe(_broker.Commands[0] with { Mac = second.Mac });
        second.Mac.ShouldBe(_broker.Commands[0].Mac);
    }

    [Fact]
    public async Task Lock_that_nobody_answers_expires()
    {
        var order = await SoldAsync(500);
        await _world.AdvanceAsync(TimeSpan.FromMinutes(45));
        await LockIsAsync(order, "expired");
        (await UnansweredAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Held_lock_ends_when_the_device_says_so_even_after_its_time()
    {
        var order = await SoldAsync(500);
        var command = await CommandAsync(1);
        _broker.Say(State(command, LockState.Locked, StateCause.LockAccepted));
        await LockIsAsync(order, "acknowledged");
        await _world.AdvanceAsync(TimeSpan.FromMinutes(60));
        await LockIsAsync(order, "acknowledged");
        _broker.Say(State(command, LockState.Idle, StateCause.Expired, delivered: 120));
        await LockIsAsync(order, "released");
    }

    [Fact]
    public async Task Newest_statement_is_kept_and_shown()
    {
        var order = await SoldAsync(500);
        _broker.Say(State(await CommandAsync(1), LockState.Locked, StateCause.LockAccepted));
        await LockIsAsync(order, "acknowledged");
        var counts = new SimulationCounts();
        await new LockSimulationStatus(_world.Database, _world.Time).AddToAsync(counts, CancellationToken.None);
        counts.DeviceStates[_seller.Device.PublicKey.ToString()].ShouldBe(1);
    }

    [Fact]
    public async Task Anything_that_is_no_true_statement_of_a_known_device_is_ignored()
    {
        var order = await SoldAsync(500);
        var command = await CommandAsync(1);
        using var stranger = SigningKey.Generate();
        var true1 = State(command, LockState.Locked, StateCause.LockAccepted);
        var topic = Topics.State(_seller.Device.PublicKey.ToString());

        _broker.Say(topic, "{"u8.ToArray());
        _broker.Say(topic, []);
        _broker.Say(topic, "null"u8.ToArray());
        _broker.Say(topic, Encoding.UTF8.GetBytes(new string(' ', 3_000)));
        _broker.Say("gtx/v1/nobody/state", "{}"u8.ToArray());
        _broker.Say(true1 with { Signature = new byte[64] });
        _broker.Say(true1 with { EnergyWh = 501 });
        _broker.Say(true1, topic: _buyer.Device.PublicKey);
        _broker.Say(Signed(true1 with { Device = stranger.PublicKey }, stranger));
        _broker.Say(Signed(true1 with { Sequence = 0 }, _seller.Device));
        _broker.Say(Signed(true1 with { EnergyWh = long.MaxValue }, _seller.Device));
        _broker.Say(Signed(true1 with { DeliveredWh = -1 }, _seller.Device));
        _broker.Say(Signed(true1 with { State = LockState.None }, _seller.Device));

        // Statements are handled in order: once this one of another device is stored, the others have been refused.
        _broker.Say(Signed(true1 with { Device = _buyer.Device.PublicKey, Order = Guid.Empty }, _buyer.Device));
        await Eventually.HoldsAsync(async () => await _world.CountAsync("device_states") == 1);
        (await LockStatusAsync(order)).ShouldBe("sent");
        _broker.Say(true1);
        await LockIsAsync(order, "acknowledged");
    }

    [Fact]
    public async Task Old_statement_that_comes_again_changes_nothing()
    {
        var order = await SoldAsync(500);
        var command = await CommandAsync(1);
        var accepted = State(command, LockState.Locked, StateCause.LockAccepted);
        var delivered = State(command, LockState.Idle, StateCause.Delivered, delivered: 500);
        (await _world.Records.ApplyAsync(delivered, CancellationToken.None)).ShouldBeTrue();
        (await _world.Records.ApplyAsync(accepted, CancellationToken.None)).ShouldBeFalse();
        (await _world.Records.ApplyAsync(delivered, CancellationToken.None)).ShouldBeFalse();
        (await LockStatusAsync(order)).ShouldBe("released");
        (await _world.OneAsync<long>("select sequence from device_states")).ShouldBe(delivered.Sequence);
    }

    [Fact]
    public async Task Two_workers_at_once_send_one_command()
    {
        _ = await SoldAsync(500, run: false);
        await using var other = _world.OtherDatabase();
        var second = new LockWorker(other, _world.Time, _world.Publisher);
        var done = await Task.WhenAll(
            Task.Run(() => _world.Locks.RunOnceAsync(CancellationToken.None)),
            Task.Run(() => second.RunOnceAsync(CancellationToken.None)));
        done.Sum().ShouldBe(1);
        (await _world.OneAsync<long>("select max(command_counter) from meters")).ShouldBe(1);
    }

    private async Task FailAsync(Guid order, long wh)
    {
        await using (var unit = await CloudCore.Storage.Database.BeginAsync(_world.Database, CancellationToken.None))
        {
            await LockRelease.ReduceAsync(unit.Transaction, order, wh, CancellationToken.None);
            await unit.CommitAsync(CancellationToken.None);
        }

        await _world.RunAsync();
    }

    private async Task<Guid> SoldAsync(long wh, bool run = true)
    {
        var ask = await _world.ActiveAskAsync(_seller, wh, 1_000_000);
        await BoughtAsync(wh, run);
        return ask;
    }

    private async Task BoughtAsync(long wh, bool run = true)
    {
        _ = await _world.ActiveBidAsync(_buyer, wh, 1_000_000);
        (await _world.MatchAsync()).ShouldBe(1);
        if (run)
        {
            await _world.RunAsync();
        }
    }

    /// <summary>A command that is not answered at once is repeated, with the counter it has.</summary>
    private List<LockCommand> DifferentCommands() =>
        [.. _broker.Commands.DistinctBy(static command => command.Counter)];

    private async Task<LockCommand> CommandAsync(int number)
    {
        await Eventually.HoldsAsync(() => DifferentCommands().Count >= number);
        return DifferentCommands()[number - 1];
    }

    private async Task LockIsAsync(Guid order, string status) =>
        await Eventually.HoldsAsync(async () => await LockStatusAsync(order) == status);

    private Task<string> LockStatusAsync(Guid order) =>
        _world.OneAsync<string>("select status from device_locks where order_id = @order", new { order });

    private async Task<int> UnansweredAsync()
    {
        var counts = new SimulationCounts();
        await new LockSimulationStatus(_world.Database, _world.Time).AddToAsync(counts, CancellationToken.None);
        return counts.LocksUnanswered;
    }

    private DeviceState Refusal(LockCommand command, CommandRefusal refusal) => Signed(
        State(command, LockState.Idle, StateCause.Refused) with { Refusal = refusal, EnergyWh = 0 }, _seller.Device);

    private DeviceState State(LockCommand command, LockState state, StateCause cause, long delivered = 0) => Signed(
        new DeviceState
        {
            Device = command.Device,
            Sequence = ++_sequence,
            Timestamp = _world.Now,
            Counter = command.Counter,
            State = state,
            Cause = cause,
            Refusal = CommandRefusal.None,
            SocPermille = 600,
            Flags = 0,
            Order = command.Order,
            EnergyWh = command.EnergyWh,
            DeliveredWh = delivered,
            Signature = new byte[64],
        },
        _seller.Device);

    private static DeviceState Signed(DeviceState state, SigningKey key) =>
        state with { Signature = key.Sign(state.CanonicalBytes()) };
}
