using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Tests.Lock;

public sealed class CommandTests
{
    private static readonly Guid Order = Guid.Parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");

    [Fact]
    public void Same_command_again_gets_the_same_answer_and_changes_nothing()
    {
        var rig = new Rig();
        var command = rig.Command(CommandKind.Lock, Order, 100);
        var answer = rig.Do(command);

        var again = rig.Do(command);

        again.ShouldSatisfyAllConditions(
            () => again.Signature.ShouldBe(answer.Signature),
            () => rig.Device.StateSequence.ShouldBe(answer.Sequence));
    }

    [Fact]
    public void Same_command_again_later_gets_its_answer_and_then_what_has_changed_since()
    {
        var rig = new Rig();
        rig.Lock(Order, 100);
        var refused = rig.Command(CommandKind.Lock, Guid.NewGuid(), 100);
        var answer = rig.Do(refused);
        rig.Board.AddProductionPulses(5);
        rig.Step();
        var change = rig.LastState;

        rig.Do(refused);

        rig.Uplink.States[^2].Signature.ShouldBe(answer.Signature);
        rig.Uplink.States[^1].Signature.ShouldBe(change.Signature);
    }

    [Fact]
    public void Answer_is_repeated_after_a_reboot_too()
    {
        var rig = new Rig();
        var command = rig.Command(CommandKind.Lock, Order, 100);
        var answer = rig.Do(command);
        rig.Board.Reboot();

        rig.Do(command).Signature.ShouldBe(answer.Signature);
    }

    [Fact]
    public void Counter_not_above_the_last_is_refused()
    {
        var rig = new Rig();
        rig.Do(rig.Command(CommandKind.Lock, Order, 100, counter: 7));

        foreach (var counter in new[] { 7, 6, 1, 0, -3 })
        {
            var refused = rig.Do(rig.Command(CommandKind.Release, Order, 0, counter: counter));
            (refused.Refusal, refused.Counter, refused.State)
                .ShouldBe((CommandRefusal.Counter, counter, LockState.Locked));
        }

        rig.Board.Reboot();
        rig.Do(rig.Command(CommandKind.Release, Order, 0, counter: 7)).Refusal.ShouldBe(CommandRefusal.Counter);
    }

    [Fact]
    public void Replayed_old_command_wears_out_no_flash()
    {
        var rig = new Rig();
        var old = rig.Command(CommandKind.Lock, Order, 100);
        rig.Do(old);
        rig.Release(Order);
        rig.Do(old).Refusal.ShouldBe(CommandRefusal.Counter);
        var changes = rig.Flash.Changes;

        for (var i = 0; i < 50; i++)
        {
            rig.Do(old).Refusal.ShouldBe(CommandRefusal.Counter);
        }

        rig.Flash.Changes.ShouldBe(changes);
    }

    [Fact]
    public void Expired_command_is_refused_and_its_counter_used_up()
    {
        var rig = new Rig();
        rig.Step();

        var expired = rig.Command(CommandKind.Lock, Order, 100, counter: 4, expiresIn: TimeSpan.Zero);
        rig.Do(expired).Refusal
            .ShouldBe(CommandRefusal.Expired);

        rig.Do(rig.Command(CommandKind.Lock, Order, 100, counter: 4)).Refusal.ShouldBe(CommandRefusal.Counter);
    }

    [Fact]
    public void Command_before_the_time_is_known_is_refused_with_a_flagged_statement()
    {
        var rig = new Rig { IsTimeKnown = false };

        var refused = rig.Lock(Order, 100);

        refused.Refusal.ShouldBe(CommandRefusal.TimeUnknown);
        refused.Flags.ShouldBe((ushort)ReadingBytes.FlagTimeNotSynchronised);
    }

    [Fact]
    public void Wrong_mac_gets_no_answer_whatever_was_changed()
    {
        var rig = new Rig();
        rig.Step();
        var good = rig.Command(CommandKind.Lock, Order, 100);
        LockCommand[] forged =
        [
            good with { EnergyWh = 101 }, good with { Counter = 2 }, good with { Order = Guid.NewGuid() },
            good with { Kind = CommandKind.Release }, good with { Expires = good.Expires + 1 },
            good with { Mac = new byte[32] }, good.Authenticated(new byte[32]),
        ];

        foreach (var command in forged)
        {
            rig.Do(command);
        }

        rig.Device.IgnoredMessages.ShouldBe(forged.Length);
        rig.Device.StateSequence.ShouldBe(1);
        rig.Do(good).Refusal.ShouldBe(CommandRefusal.None);
    }

    [Fact]
    public void Command_for_another_device_gets_no_answer()
    {
        var rig = new Rig();
        rig.Step();

        rig.Do(rig.Command(CommandKind.Lock, Order, 100) with { Device = SigningKey.Generate().PublicKey });

        (rig.Device.IgnoredMessages, rig.Device.StateSequence).ShouldBe((1, 1));
    }

    [Fact]
    public void Unpaired_device_obeys_nobody()
    {
        var rig = new Rig(isPaired: false);
        rig.Step();

        rig.Do(rig.Command(CommandKind.Lock, Order, 100));

        (rig.Device.IgnoredMessages, rig.Device.StateSequence).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData("device", "1")]
    [InlineData("counter", "\"1\"")]
    [InlineData("counter", "1.5")]
    [InlineData("counter", "1e3")]
    [InlineData("kind", "\"LOCK\"")]
    [InlineData("kind", "1")]
    [InlineData("order", "\"0190a1b2c3d47e5f8a9b0c1d2e3f4a5b\"")]
    [InlineData("order", "\"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5g\"")]
    [InlineData("order", "null")]
    [InlineData("energy_wh", "99999999999999999999")]
    [InlineData("expires", "\"2026-06-01T00:00:00Z\"")]
    [InlineData("mac", "\"0\"")]
    [InlineData("mac", "[]")]
    public void Command_with_a_wrong_member_gets_no_answer(string member, string value)
    {
        var rig = new Rig();
        rig.Step();
        var json = JsonNode.Parse(Json(rig.Command(CommandKind.Lock, Order, 100)))!.AsObject();
        json[member] = JsonNode.Parse(value);
        Receive(rig, Encoding.UTF8.GetBytes(json.ToJsonString()));
        json.Remove(member);
        Receive(rig, Encoding.UTF8.GetBytes(json.ToJsonString()));

        (rig.Device.IgnoredMessages, rig.Device.StateSequence).ShouldBe((2, 1));
    }

    [Fact]
    public void Any_truncated_or_mutated_command_is_ignored_and_the_device_lives()
    {
        var rig = new Rig();
        rig.Step();
        var json = Json(rig.Command(CommandKind.Lock, Order, 100));
        for (var length = 0; length < json.Length; length++)
        {
            Receive(rig, json[..length]);
        }

        Prop.ForAll<NonNegativeInt, byte>((at, value) =>
        {
            var mutated = (byte[])json.Clone();
            mutated[at.Get % json.Length] = value;
            Receive(rig, mutated);
        }).QuickCheckThrowOnFailure();
        Prop.ForAll<byte[]>(bytes => Receive(rig, bytes)).QuickCheckThrowOnFailure();

        Receive(rig, new byte[100_000]);
        Receive(rig, null!);
        rig.Device.OnMessage("gtx/v1/other/command", json);
        rig.Device.OnMessage(null!, json);
        rig.Device.IgnoredMessages.ShouldBeGreaterThan(json.Length);
    }

    [Fact]
    public void Deeply_nested_members_are_bounded()
    {
        var rig = new Rig();
        rig.Step();
        var text = Encoding.UTF8.GetString(Json(rig.Command(CommandKind.Lock, Order, 100)));

        Receive(rig, Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 9) + new string(']', 9) + "," + text[1..]));
        rig.Device.IgnoredMessages.ShouldBe(1);
        Receive(rig, Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 8) + new string(']', 8) + "," + text[1..]));
        rig.LastState.Cause.ShouldBe(StateCause.LockAccepted);
    }

    private static byte[] Json(LockCommand command) =>
        JsonSerializer.SerializeToUtf8Bytes(command, ProtocolJson.Default.LockCommand);

    private static void Receive(Rig rig, byte[] payload) =>
        rig.Device.OnMessage($"gtx/v1/{rig.Device.Id}/command", payload);
}
