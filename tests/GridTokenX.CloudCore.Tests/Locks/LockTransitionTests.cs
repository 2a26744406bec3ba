using GridTokenX.CloudCore.Locks;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Tests.Locks;

/// <summary>
/// A lock as <c>status commanded acknowledged delivered</c> of 500 Wh sold unless a test says otherwise, command 7; a
/// statement as <c>state cause counter energy delivered</c>.
/// </summary>
public sealed class LockTransitionTests
{
    private static readonly Guid Order = Guid.Parse("00000000-0000-7000-8000-000000000001");
    private static readonly Guid OtherOrder = Guid.Parse("00000000-0000-7000-8000-000000000002");
    private static readonly Key32 Device = new(new byte[32]);

    [Theory]

    // Answers to the command
    [InlineData("sent 500 0 0", "locked lock_accepted 7 500 0", "acknowledged 500 500 0")]
    [InlineData("sent 500 0 0", "delivering delivery_began 7 500 10", "acknowledged 500 500 0")]
    [InlineData("sent 500 0 0", "locked lock_accepted 9 500 0", "acknowledged 500 500 0")]
    [InlineData("sent 500 0 0", "idle delivered 7 500 500", "released 0 0 500")]
    [InlineData("sent 500 0 0", "idle expired 7 500 120", "released 0 0 120")]
    [InlineData("sent 500 0 0", "idle boot 7 500 120", "released 0 0 120")]

    // Statements made before the command was seen
    [InlineData("sent 500 0 0", "idle expired 6 300 300", "sent 500 0 0")]
    [InlineData("sent 500 0 0", "idle boot 6 300 300", "sent 500 0 0")]
    [InlineData("sent 500 300 0", "delivering delivery_began 6 300 20", "sent 500 300 0")]

    // The lock that a top-up was for has ended meanwhile: what is not delivered is asked for anew
    [InlineData("sent 500 300 0", "idle delivered 6 300 300", "queued 0 0 300")]
    [InlineData("sent 500 300 0", "idle expired 6 300 100", "queued 0 0 100")]

    // The end of a lock that is held
    [InlineData("acknowledged 500 500 0", "delivering delivery_began 7 500 10", "acknowledged 500 500 0")]
    [InlineData("acknowledged 500 500 0", "idle delivered 7 500 500", "released 0 0 500")]
    [InlineData("acknowledged 500 500 0", "idle released 7 500 200", "released 0 0 200")]
    [InlineData("acknowledged 500 500 0", "idle expired 7 500 0", "released 0 0 0")]
    [InlineData("acknowledged 300 300 0", "idle delivered 7 300 300", "queued 0 0 300")]

    // A queued lock has no part in what the device says
    [InlineData("queued 0 0 0", "idle boot 0 0 0", "queued 0 0 0")]
    [InlineData("queued 0 0 100", "idle delivered 7 500 500", "queued 0 0 100")]

    // More delivered than was asked for is not believed
    [InlineData("acknowledged 500 500 0", "idle delivered 7 500 900000", "released 0 0 500")]
    public void Statement_about_the_order(string before, string statement, string after) =>
        Text(LockTransitions.After(Lock(before), Statement(statement, Order), CloudHost.Noon)).ShouldBe(after);

    [Theory]
    [InlineData("acknowledged 500 500 0", "locked lock_accepted 8 100 0", "released 0 0 0")]
    [InlineData("acknowledged 500 500 0", "idle boot 8 100 0", "released 0 0 0")]
    [InlineData("sent 500 0 0", "locked lock_accepted 6 100 0", "sent 500 0 0")]
    [InlineData("sent 500 300 0", "locked lock_accepted 6 100 0", "queued 0 0 0")]
    [InlineData("queued 0 0 0", "locked lock_accepted 6 100 0", "queued 0 0 0")]
    public void Statement_about_another_order_ends_the_lock_that_was_held(
        string before, string statement, string after) =>
        Text(LockTransitions.After(Lock(before), Statement(statement, OtherOrder), CloudHost.Noon)).ShouldBe(after);

    [Theory]
    [InlineData("sent 500 0 0", CommandRefusal.EnergyUnavailable, "rejected 500 0 0", "energy_unavailable")]
    [InlineData("sent 500 0 0", CommandRefusal.Expired, "rejected 500 0 0", "expired")]
    [InlineData("sent 500 0 0", CommandRefusal.Busy, "queued 0 0 0", "busy")]
    [InlineData("sent 500 0 0", CommandRefusal.TimeUnknown, "queued 0 0 0", "time_unknown")]
    [InlineData("sent 500 0 0", CommandRefusal.Counter, "queued 0 0 0", "counter")]
    [InlineData("sent 500 300 0", CommandRefusal.EnergyUnavailable, "acknowledged 500 300 0", "energy_unavailable")]
    [InlineData("sent 500 300 0", CommandRefusal.Counter, "acknowledged 300 300 0", "counter")]
    public void Refusal_of_the_command(string before, CommandRefusal refusal, string after, string reason)
    {
        var state = Statement("idle refused 7 0 0", Order) with { Refusal = refusal };
        var row = LockTransitions.After(Lock(before), state, CloudHost.Noon);
        Text(row).ShouldBe(after);
        row.Refusal.ShouldBe(reason);
        row.NotBefore.ShouldBe(
            refusal is CommandRefusal.Busy or CommandRefusal.TimeUnknown
                ? CloudHost.Noon + LockTransitions.RetryAfter
                : null);
    }

    [Theory]
    [InlineData("sent 500 0 0", 6)]
    [InlineData("acknowledged 500 500 0", 7)]
    [InlineData("queued 0 0 0", 7)]
    public void Refusal_of_another_command_changes_nothing(string before, long counter)
    {
        var state = Statement("locked refused 0 0 0", Order) with { Refusal = CommandRefusal.Busy, Counter = counter };
        Text(LockTransitions.After(Lock(before), state, CloudHost.Noon)).ShouldBe(before);
    }

    [Fact]
    public void Refusal_about_another_order_changes_nothing()
    {
        var state = Statement("locked refused 7 0 0", OtherOrder) with { Refusal = CommandRefusal.Busy };
        Text(LockTransitions.After(Lock("acknowledged 500 500 0"), state, CloudHost.Noon))
            .ShouldBe("acknowledged 500 500 0");
    }

    internal static LockRow Lock(string text, long energyWh = 500, int endsInMinutes = 45, Guid? order = null)
    {
        var words = text.Split(' ');
        return new LockRow
        {
            OrderId = order ?? Order,
            Device = Device,
            EnergyWh = energyWh,
            ExpiresAt = CloudHost.Noon.AddMinutes(endsInMinutes),
            Status = words[0],
            Counter = words[0] == LockStatus.Queued ? null : 7,
            CommandedWh = Number(words[1]),
            AcknowledgedWh = Number(words[2]),
            DeliveredWh = Number(words[3]),
        };
    }

    private static DeviceState Statement(string text, Guid order)
    {
        var words = text.Split(' ');
        return new DeviceState
        {
            Device = Device,
            Sequence = 1,
            Timestamp = CloudHost.Noon,
            State = Enum.Parse<LockState>(words[0], ignoreCase: true),
            Cause = Enum.Parse<StateCause>(
                words[1].Replace("_", string.Empty, StringComparison.Ordinal), ignoreCase: true),
            Refusal = CommandRefusal.None,
            Counter = Number(words[2]),
            EnergyWh = Number(words[3]),
            DeliveredWh = Number(words[4]),
            SocPermille = 500,
            Flags = 0,
            Order = order,
            Signature = new byte[64],
        };
    }

    private static string Text(LockRow row) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{row.Status} {row.CommandedWh} {row.AcknowledgedWh} {row.DeliveredWh}");

    private static long Number(string word) => long.Parse(word, System.Globalization.CultureInfo.InvariantCulture);
}
