using GridTokenX.Market.Clearing;

namespace GridTokenX.Market.Tests.Clearing;

public sealed class EpochLifeTests
{
    private static readonly MarketEpoch Epoch = MarketEpoch.At(An.Noon);

    [Fact]
    public void Epoch_goes_its_way_step_by_step()
    {
        EpochLife.Next(EpochState.Pending, Epoch, An.Noon.AddTicks(-1), 0).ShouldBe(EpochState.Pending);
        EpochLife.Next(EpochState.Pending, Epoch, An.Noon.AddDays(1), 0).ShouldBe(EpochState.Active);
        EpochLife.Next(EpochState.Active, Epoch, Epoch.End.AddTicks(-1), 0).ShouldBe(EpochState.Active);
        EpochLife.Next(EpochState.Active, Epoch, Epoch.End, 0).ShouldBe(EpochState.Cleared);
        EpochLife.Next(EpochState.Cleared, Epoch, Epoch.End, 1).ShouldBe(EpochState.Cleared);
        EpochLife.Next(EpochState.Cleared, Epoch, Epoch.End, 0).ShouldBe(EpochState.Settled);
        EpochLife.Next(EpochState.Settled, Epoch, Epoch.End, 0).ShouldBe(EpochState.Settled);
    }

    [Fact]
    public void Only_the_next_step_may_follow()
    {
        var states = Enum.GetValues<EpochState>();
        var allowed =
            from state in states
            from next in states
            where EpochLife.MayFollow(state, next)
            select (state, next);
        allowed.ShouldBe(
        [
            (EpochState.Pending, EpochState.Active),
            (EpochState.Active, EpochState.Cleared),
            (EpochState.Cleared, EpochState.Settled),
        ]);
    }

    [Fact]
    public void Late_match_falls_into_the_first_epoch_that_is_not_cleared()
    {
        EpochLife.OfMatch(An.Noon, lastCleared: null).ShouldBe(Epoch);
        EpochLife.OfMatch(Epoch.End, lastCleared: Epoch).ShouldBe(Epoch.Next);
        EpochLife.OfMatch(An.Noon, lastCleared: Epoch).ShouldBe(Epoch.Next);
    }
}
