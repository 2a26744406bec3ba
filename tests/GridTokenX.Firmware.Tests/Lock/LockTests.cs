using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Tests.Lock;

public sealed class LockTests
{
    private static readonly Guid Order = Guid.Parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    private static readonly Guid OtherOrder = Guid.Parse("ffffffff-ffff-ffff-ffff-ffffffffffff");

    [Fact]
    public void First_statement_of_a_device_is_where_it_stands()
    {
        var rig = new Rig();

        rig.Step();

        var state = rig.Uplink.States.ShouldHaveSingleItem();
        (state.Sequence, state.State, state.Cause, state.Counter).ShouldBe((1, LockState.Idle, StateCause.Boot, 0));
        state.Order.ShouldBe(Guid.Empty);
    }

    [Fact]
    public void Lock_is_held_delivered_and_done()
    {
        var rig = new Rig();
        rig.Board.AddProductionPulses(400);

        var locked = rig.Lock(Order, 1500);
        (locked.State, locked.Cause, locked.EnergyWh, locked.DeliveredWh)
            .ShouldBe((LockState.Locked, StateCause.LockAccepted, 1500, 0));
        (locked.Order, locked.Counter, locked.Refusal).ShouldBe((Order, 1, CommandRefusal.None));
        locked.Flags.ShouldBe((ushort)ReadingBytes.FlagLocked);
        rig.Board.IsRelayLocked.ShouldBeTrue();

        rig.Board.AddProductionPulses(1);
        rig.Step();
        (rig.LastState.State, rig.LastState.Cause, rig.LastState.DeliveredWh)
            .ShouldBe((LockState.Delivering, StateCause.DeliveryBegan, 1));

        rig.Board.AddProductionPulses(1498);
        rig.Step();
        rig.LastState.Cause.ShouldBe(StateCause.DeliveryBegan);

        rig.Board.AddProductionPulses(100);
        rig.Step();
        (rig.LastState.State, rig.LastState.Cause, rig.LastState.DeliveredWh)
            .ShouldBe((LockState.Idle, StateCause.Delivered, 1500));
        rig.Board.IsRelayLocked.ShouldBeFalse();
        rig.Uplink.States.Select(state => state.Sequence).ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void Delivery_within_one_step_still_passes_through_delivering()
    {
        var rig = new Rig();
        rig.Lock(Order, 100);
        rig.Board.AddProductionPulses(500);

        rig.Step();

        rig.Uplink.States.Select(state => state.Cause).ShouldBe(
            [StateCause.Boot, StateCause.LockAccepted, StateCause.DeliveryBegan, StateCause.Delivered]);
    }

    [Fact]
    public void Lock_ends_at_its_expiry_and_not_before()
    {
        var rig = new Rig();
        rig.Lock(Order, 100, expiresIn: TimeSpan.FromMinutes(10));

        rig.Pass(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        rig.Device.LockState.ShouldBe(StateBytes.StateLocked);
        rig.Pass(TimeSpan.FromSeconds(1));

        (rig.LastState.State, rig.LastState.Cause, rig.LastState.Order)
            .ShouldBe((LockState.Idle, StateCause.Expired, Order));
    }

    [Fact]
    public void What_is_delivered_when_it_expires_counts_as_delivered()
    {
        var rig = new Rig();
        rig.Lock(Order, 100, expiresIn: TimeSpan.FromMinutes(10));
        rig.Board.AddProductionPulses(100);

        rig.Now += TimeSpan.FromMinutes(10);
        rig.Step();

        rig.LastState.Cause.ShouldBe(StateCause.Delivered);
    }

    [Fact]
    public void Nothing_expires_while_the_time_is_not_known()
    {
        var rig = new Rig();
        rig.Lock(Order, 100, expiresIn: TimeSpan.FromMinutes(10));

        rig.IsTimeKnown = false;
        rig.PassMinutes(20);
        rig.Device.LockState.ShouldBe(StateBytes.StateLocked);
        rig.IsTimeKnown = true;
        rig.Step();

        rig.LastState.Cause.ShouldBe(StateCause.Expired);
    }

    [Fact]
    public void Release_ends_the_lock_with_what_was_delivered()
    {
        var rig = new Rig();
        rig.Lock(Order, 1000);
        rig.Board.AddProductionPulses(300);

        var released = rig.Release(Order);

        (released.State, released.Cause, released.EnergyWh, released.DeliveredWh)
            .ShouldBe((LockState.Idle, StateCause.Released, 1000, 300));
        rig.Board.IsRelayLocked.ShouldBeFalse();
    }

    [Theory]
    [InlineData(1500, 1500, 1500)]
    [InlineData(500, 500, 500)]
    [InlineData(100, 300, 300)]
    public void Same_order_again_sets_a_new_total_not_below_what_is_delivered(
        long total, long energy, long deliveredAtEnd)
    {
        var rig = new Rig();
        rig.Lock(Order, 1000);
        rig.Board.AddProductionPulses(300);
        rig.Step();

        rig.Lock(Order, total);

        var accepted = rig.Uplink.States.FindLast(state => state.Cause == StateCause.LockAccepted)!;
        (accepted.EnergyWh, accepted.DeliveredWh, accepted.Counter).ShouldBe((energy, 300, 2));
        rig.Board.AddProductionPulses(10_000);
        rig.Step();
        (rig.LastState.Cause, rig.LastState.DeliveredWh).ShouldBe((StateCause.Delivered, deliveredAtEnd));
    }

    [Theory]
    [InlineData(1000, 8000, CommandRefusal.None)]
    [InlineData(1000, 8001, CommandRefusal.EnergyUnavailable)]
    [InlineData(501, 3010, CommandRefusal.None)]
    [InlineData(501, 3011, CommandRefusal.EnergyUnavailable)]
    [InlineData(200, 1, CommandRefusal.EnergyUnavailable)]
    [InlineData(0, 1, CommandRefusal.EnergyUnavailable)]
    [InlineData(1000, 0, CommandRefusal.EnergyUnavailable)]
    [InlineData(1000, -5, CommandRefusal.EnergyUnavailable)]
    [InlineData(1000, long.MaxValue, CommandRefusal.EnergyUnavailable)]
    public void Battery_gives_what_is_above_its_reserve(int permille, long energyWh, CommandRefusal refusal)
    {
        var rig = new Rig();
        rig.Board.StateOfChargePermille = permille;

        rig.Lock(Order, energyWh).Refusal.ShouldBe(refusal);

        rig.Device.LockState.ShouldBe(refusal == CommandRefusal.None ? StateBytes.StateLocked : StateBytes.StateIdle);
    }

    [Fact]
    public void Home_without_battery_locks_nothing()
    {
        var rig = new Rig(config => config.BatteryCapacityWh = 0);

        rig.Lock(Order, 1).Refusal.ShouldBe(CommandRefusal.EnergyUnavailable);
    }

    [Fact]
    public void Top_up_has_to_be_found_in_the_battery_and_a_lower_total_has_not()
    {
        var rig = new Rig();
        rig.Lock(Order, 5000);
        rig.Board.StateOfChargePermille = 300;

        rig.Lock(Order, 6000).Refusal.ShouldBe(CommandRefusal.EnergyUnavailable);
        rig.Lock(Order, 4000).Refusal.ShouldBe(CommandRefusal.None);
        rig.LastState.EnergyWh.ShouldBe(4000);
    }

    [Fact]
    public void Another_order_is_refused_while_one_is_held()
    {
        var rig = new Rig();
        rig.Lock(Order, 100);

        var refused = rig.Lock(OtherOrder, 100);

        (refused.State, refused.Cause, refused.Refusal)
            .ShouldBe((LockState.Locked, StateCause.Refused, CommandRefusal.Busy));
        (refused.Order, refused.Counter, refused.EnergyWh).ShouldBe((OtherOrder, 2, 0));
        rig.Release(OtherOrder).Refusal.ShouldBe(CommandRefusal.UnknownOrder);
        rig.Release(Order).Cause.ShouldBe(StateCause.Released);
        rig.Release(Order).Refusal.ShouldBe(CommandRefusal.UnknownOrder);
    }

    [Fact]
    public void Change_that_is_no_answer_names_the_last_command_obeyed()
    {
        var rig = new Rig();
        rig.Lock(Order, 100);
        rig.Lock(OtherOrder, 100);
        rig.Board.AddProductionPulses(1);

        rig.Step();

        (rig.LastState.Cause, rig.LastState.Counter).ShouldBe((StateCause.DeliveryBegan, 1));
    }

    [Fact]
    public void Lock_survives_a_reboot_with_its_relay_and_what_was_delivered()
    {
        var rig = new Rig();
        rig.Lock(Order, 1000);
        rig.Board.AddProductionPulses(300);
        rig.PassMinutes(5);
        rig.Board.Reboot();
        rig.Board.IsRelayLocked.ShouldBeTrue();

        rig.Board.AddProductionPulses(700);
        rig.Step();

        (rig.LastState.Cause, rig.LastState.DeliveredWh, rig.LastState.Sequence)
            .ShouldBe((StateCause.Delivered, 1000, 4));
    }

    [Fact]
    public void Readings_bring_no_statement_along()
    {
        var rig = new Rig();
        _ = rig.Lock(Order, 100, TimeSpan.FromHours(40));
        rig.PassMinutes(12 * 60);
        var (readings, states) = (rig.Uplink.Readings.Count, rig.Uplink.States.Count);

        rig.PassMinutes(5 * 60);

        rig.Uplink.Readings.Count.ShouldBe(readings + 60);
        rig.Uplink.States.Count.ShouldBe(states);
    }

    [Fact]
    public void Newest_statement_goes_out_again_after_a_reconnect_and_soon_after_that()
    {
        var rig = new Rig();
        var locked = rig.Lock(Order, 100, TimeSpan.FromHours(40));
        rig.PassMinutes(12 * 60);
        var count = rig.Uplink.States.Count;

        rig.Uplink.Reconnect();
        rig.Step();
        rig.Uplink.States.Count.ShouldBe(count + 1);
        rig.Pass(TimeSpan.FromSeconds(10));

        rig.Uplink.States.Count.ShouldBe(count + 2);
        rig.Uplink.States.Skip(count).ShouldAllBe(state => state.Signature.SequenceEqual(locked.Signature));
    }

    /// <summary>Before it is paired nobody listens to what it says.</summary>
    [Fact]
    public void Newest_statement_goes_out_again_with_a_consent_and_soon_after_that()
    {
        var rig = new Rig();
        rig.PassMinutes(12 * 60);
        var count = rig.Uplink.States.Count;

        rig.Device.PublishConsent(new byte[32], new byte[32]).ShouldBeTrue();
        rig.Uplink.States.Count.ShouldBe(count + 1);
        rig.Pass(TimeSpan.FromSeconds(10));

        rig.Uplink.States.Count.ShouldBe(count + 2);
    }

    /// <summary>A gateway killed with it in hand hears it again; whenever it gets lost, no more than six hours later.
    /// </summary>
    [Fact]
    public void Change_is_told_again_soon_and_then_ever_more_rarely_but_for_ever()
    {
        var rig = new Rig(static config => config.IntervalSeconds = 900);
        rig.PassMinutes(60);
        var locked = rig.Lock(Order, 100, TimeSpan.FromHours(40));
        var (since, told) = (rig.ElapsedMs, rig.Uplink.States.Count);
        List<long> seconds = [];
        while (rig.ElapsedMs - since < 90_000_000)
        {
            rig.Pass(TimeSpan.FromSeconds(10));
            if (rig.Uplink.States.Count > told)
            {
                (told, seconds) = (rig.Uplink.States.Count, [.. seconds, (rig.ElapsedMs - since) / 1_000]);
            }
        }

        seconds.ShouldBe(
            [10, 30, 70, 150, 310, 630, 1_270, 2_550, 5_110, 10_230, 20_470, 40_950, 62_550, 84_150]);
        rig.LastState.Signature.ShouldBe(locked.Signature);
    }
}
