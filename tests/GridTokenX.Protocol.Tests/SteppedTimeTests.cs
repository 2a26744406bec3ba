using GridTokenX.Protocol.Time;

namespace GridTokenX.Protocol.Tests;

public sealed class SteppedTimeTests
{
    private static readonly DateTimeOffset Start = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Clock_stands_still_until_it_is_moved()
    {
        var time = new SteppedTime(Start);
        time.GetUtcNow().ShouldBe(Start);
        time.Advance(TimeSpan.FromMinutes(15));
        time.GetUtcNow().ShouldBe(Start.AddMinutes(15));
        time.GetElapsedTime(Start.UtcTicks).ShouldBe(TimeSpan.FromMinutes(15));
    }

    [Fact]
    public void Clock_never_goes_back() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new SteppedTime(Start).SetUtcNow(Start.AddTicks(-1)));

    [Fact]
    public void Timers_fire_in_order_and_see_the_time_they_were_due_at()
    {
        var time = new SteppedTime(Start);
        var fired = new List<string>();
        using var late = time.CreateTimer(_ => Note("late"), null, TimeSpan.FromSeconds(9), Timeout.InfiniteTimeSpan);
        using var often = time.CreateTimer(_ => Note("often"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4));

        time.Advance(TimeSpan.FromSeconds(10));

        fired.ShouldBe(["often 2", "often 6", "late 9", "often 10"]);

        void Note(string name) => fired.Add($"{name} {(time.GetUtcNow() - Start).TotalSeconds}");
    }

    [Fact]
    public void Changed_and_disposed_timers_do_not_fire()
    {
        var time = new SteppedTime(Start);
        var fired = 0;
        var changed = time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        var disposed = time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _ = changed.Change(TimeSpan.FromSeconds(20), Timeout.InfiniteTimeSpan);
        disposed.Dispose();

        time.Advance(TimeSpan.FromSeconds(19));
        fired.ShouldBe(0);
        time.Advance(TimeSpan.FromSeconds(1));
        fired.ShouldBe(1);
        changed.Dispose();
    }

    [Fact]
    public async Task Delay_ends_when_its_time_has_come()
    {
        var time = new SteppedTime(Start);
        var delay = Task.Delay(TimeSpan.FromMinutes(1), time);
        time.Advance(TimeSpan.FromSeconds(59));
        delay.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        await delay;
    }
}
