using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Pricing;

/// <summary>
/// How the markets stand, remembered for a moment: however many look at a zone, the database is asked a few times a
/// second.
/// </summary>
/// <param name="query">Which is asked.</param>
/// <param name="marketTime">When it stands so.</param>
/// <param name="wall">How long ago that was read.</param>
/// <param name="lifetime">Zero: everything is read after it was asked for.</param>
internal sealed class RememberedMarketData(
    MarketDataQuery query, TimeProvider marketTime, WallTime wall, TimeSpan lifetime)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(250);

    private readonly SharedReads<(string Zone, int Levels), MarketData?> _readings = new(
        market => query.ReadAsync(market.Zone, market.Levels, marketTime.GetUtcNow(), CancellationToken.None),
        wall.Clock,
        lifetime);

    /// <summary>Null when no meter is in the zone.</summary>
    internal Task<MarketData?> ReadAsync(string zone, int levels, CancellationToken cancellationToken) =>
        _readings.ReadAsync((zone, levels)).WaitAsync(cancellationToken);
}
