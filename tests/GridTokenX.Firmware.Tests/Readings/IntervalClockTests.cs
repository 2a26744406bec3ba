using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Firmware.Readings;

namespace GridTokenX.Firmware.Tests.Readings;

public sealed class IntervalClockTests
{
    private const long Noon = 1_780_315_200;

    [Fact]
    public void New_device_that_starts_on_an_end_waits_for_the_next()
    {
        var clock = new IntervalClock(300, 0);

        clock.Due(Noon).ShouldBe(0);
        clock.Due(Noon + 299).ShouldBe(0);
        clock.Due(Noon + 300).ShouldBe(Noon + 300);
    }

    [Fact]
    public void Rebooted_device_that_starts_on_an_end_takes_it_unless_it_had_it() =>
        (new IntervalClock(300, Noon - 300).Due(Noon), new IntervalClock(300, Noon).Due(Noon)).ShouldBe((Noon, 0L));

    [Fact]
    public void Small_step_back_waits_until_the_time_comes_round_again()
    {
        var clock = new IntervalClock(300, 0);
        clock.Due(Noon);
        clock.Due(Noon + 300);

        clock.Due(Noon + 10).ShouldBe(0);
        clock.Due(Noon + 300).ShouldBe(0);
        clock.Due(Noon + 600).ShouldBe(Noon + 600);
    }

    [Fact]
    public void Clock_found_a_year_ahead_does_not_silence_the_device_for_a_year()
    {
        const long Year = 365 * 86_400L;
        var clock = new IntervalClock(300, 0);
        clock.Due(Noon);
        clock.Due(Noon + Year).ShouldBe(Noon + Year);

        clock.Due(Noon + 400).ShouldBe(0);
        clock.Due(Noon + 600).ShouldBe(Noon + 600);
    }

    [Fact]
    public void Wrong_last_end_in_flash_does_not_silence_the_device_either()
    {
        var clock = new IntervalClock(300, Noon + 86_400);

        clock.Due(Noon + 1).ShouldBe(0);
        clock.Due(Noon + 300).ShouldBe(Noon + 300);
    }

    [Fact]
    public void Whatever_the_clock_does_an_end_is_aligned_passed_and_not_given_twice_in_a_row() =>
        Prop.ForAll<PositiveInt, int[]>((length, jumps) =>
        {
            var interval = 60 + (length.Get % 841);
            var clock = new IntervalClock(interval, 0);
            var now = Noon;
            var last = 0L;
            foreach (var jump in jumps)
            {
                now = Math.Max(0, now + ((long)jump * 10));

                // A clock found that far back was wrong before.
                last = now < last - 300 ? 0 : last;
                var end = clock.Due(now);
                if (end != 0)
                {
                    (end % interval).ShouldBe(0);
                    end.ShouldBeLessThanOrEqualTo(now);
                    end.ShouldNotBe(last);
                    last = end;
                }
            }
        }).QuickCheckThrowOnFailure();
}
