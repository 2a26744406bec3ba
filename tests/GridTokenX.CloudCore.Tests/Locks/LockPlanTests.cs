using GridTokenX.CloudCore.Locks;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Tests.Locks;

public sealed class LockPlanTests
{
    private static readonly DateTimeOffset Now = CloudHost.Noon;

    [Fact]
    public void Queued_lock_that_ends_first_goes_first()
    {
        var late = Lock("queued 0 0 0", minutes: 60);
        var early = Lock("queued 0 0 0", minutes: 45);
        LockPlan.Next([late, early], Now).ShouldBe(early);
    }

    [Theory]
    [InlineData("sent 500 0 0")]
    [InlineData("sent 500 300 0")]
    [InlineData("acknowledged 500 500 0")]
    public void Nothing_is_sent_while_a_command_or_a_lock_is_outstanding(string outstanding) =>
        LockPlan.Next([Lock(outstanding), Lock("queued 0 0 0")], Now).ShouldBeNull();

    [Fact]
    public void Expired_lock_no_longer_keeps_the_device_from_the_next_one()
    {
        var next = Lock("queued 0 0 0");
        LockPlan.Next([Lock("acknowledged 500 500 0", minutes: 0), next], Now).ShouldBe(next);
    }

    [Fact]
    public void More_energy_for_the_lock_that_is_held_is_a_new_command()
    {
        var held = Lock("acknowledged 300 300 0");
        LockPlan.Next([Lock("queued 0 0 0"), held], Now).ShouldBe(held);
        LockPlan.Next([held], Now)!.WantedWh.ShouldBe(500);
    }

    [Fact]
    public void What_former_locks_have_delivered_is_not_asked_for_again() =>
        LockPlan.Next([Lock("queued 0 0 200")], Now)!.WantedWh.ShouldBe(300);

    [Fact]
    public void Device_that_asked_for_patience_gets_it()
    {
        var waiting = Lock("queued 0 0 0") with { NotBefore = Now.AddSeconds(30) };
        LockPlan.Next([waiting], Now.AddSeconds(29)).ShouldBeNull();
        LockPlan.Next([waiting], Now.AddSeconds(30)).ShouldBe(waiting);
    }

    [Fact]
    public void Expired_lock_is_not_sent() => LockPlan.Next([Lock("queued 0 0 0", minutes: 0)], Now).ShouldBeNull();

    [Fact]
    public void Unanswered_command_is_repeated_with_growing_delay()
    {
        var schedule = new RepeatSchedule();
        var command = (default(Key32), 1L);
        var now = Now;
        foreach (var delay in new[] { 2, 4, 8, 16, 30, 30 })
        {
            schedule.IsDue(command, now).ShouldBeTrue();
            schedule.Published(command, now);
            schedule.IsDue(command, now.AddSeconds(delay - 1)).ShouldBeFalse();
            now = now.AddSeconds(delay);
        }

        schedule.Keep([]);
        schedule.IsDue(command, now.AddSeconds(-1)).ShouldBeTrue();
    }

    private static LockRow Lock(string text, int minutes = 45) =>
        LockTransitionTests.Lock(text, endsInMinutes: minutes, order: Guid.CreateVersion7());
}
