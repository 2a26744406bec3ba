using GridTokenX.Market.Clearing;

namespace GridTokenX.CloudCore.Locks;

/// <summary>How long a device holds the energy of a match.</summary>
internal static class LockTerms
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    /// <summary>
    /// 15 minutes after the end of the epoch that follows the match's: it has that whole epoch to deliver.
    /// </summary>
    internal static DateTimeOffset ExpiryFor(MarketEpoch epoch) => epoch.Next.End + Grace;
}
