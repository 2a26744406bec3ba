namespace GridTokenX.Market.Clearing;

/// <summary>Where an epoch stands. It goes on step by step and never back, so it is cleared once.</summary>
public enum EpochState
{
    None = 0,

    /// <summary>Has not begun.</summary>
    Pending,

    /// <summary>Takes matches.</summary>
    Active,

    /// <summary>Over, its price and settlements fixed: takes no more.</summary>
    Cleared,

    /// <summary>All of its settlements are done, or it had none.</summary>
    Settled,
}

public static class EpochLife
{
    /// <summary>
    /// The step that is due; the same state when none is. An epoch whose whole time has passed unseen is activated
    /// first, and cleared after that.
    /// </summary>
    /// <param name="state">As it is now.</param>
    /// <param name="epoch">Which.</param>
    /// <param name="now">Market time.</param>
    /// <param name="unsettled">Settlements of it that are not done.</param>
    public static EpochState Next(EpochState state, MarketEpoch epoch, DateTimeOffset now, int unsettled) =>
        state switch
        {
            EpochState.Pending when now >= epoch.Start => EpochState.Active,
            EpochState.Active when now >= epoch.End => EpochState.Cleared,
            EpochState.Cleared when unsettled == 0 => EpochState.Settled,
            _ => state,
        };

    /// <summary>Only these steps may be written, and only over the state they start from.</summary>
    public static bool MayFollow(EpochState state, EpochState next) =>
        state is not EpochState.None && next is not EpochState.None && next - state == 1;

    /// <summary>
    /// The epoch that a match belongs to: that of its time, or, when a process whose clock is ahead has cleared that
    /// one already, the first after the last one cleared.
    /// </summary>
    public static MarketEpoch OfMatch(DateTimeOffset time, MarketEpoch? lastCleared)
    {
        var epoch = MarketEpoch.At(time);
        return lastCleared is { } cleared && cleared.Start >= epoch.Start ? cleared.Next : epoch;
    }
}
