using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Pricing;

/// <summary>
/// How the markets stand, remembered for a moment: however many look at a zone, the database is asked a few times a
/// second. Who asks first reads for all who ask meanwhile.
/// </summary>
/// <param name="query">Which is asked.</param>
/// <param name="marketTime">When it stands so.</param>
/// <param name="wall">How long ago that was read.</param>
/// <param name="lifetime">Zero: everything is read anew.</param>
internal sealed class RememberedMarketData(
    MarketDataQuery query, TimeProvider marketTime, WallTime wall, TimeSpan lifetime)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(250);

    private const int MaxRemembered = 1_000;

    private readonly Dictionary<(string Zone, int Levels), Reading> _readings = [];
    private readonly Lock _lock = new();

    private sealed record Reading(Task<MarketData?> Data, DateTimeOffset Until);

    /// <summary>Null when no meter is in the zone.</summary>
    internal async Task<MarketData?> ReadAsync(string zone, int levels, CancellationToken cancellationToken)
    {
        if (lifetime == TimeSpan.Zero)
        {
            return await query.ReadAsync(zone, levels, marketTime.GetUtcNow(), cancellationToken);
        }

        return await CurrentAsync(zone, levels).WaitAsync(cancellationToken);
    }

    /// <summary>What was read, or is being read, a moment ago; what has failed is read again.</summary>
    private Task<MarketData?> CurrentAsync(string zone, int levels)
    {
        var now = wall.UtcNow;
        lock (_lock)
        {
            if (_readings.TryGetValue((zone, levels), out var known) && now < known.Until && !known.Data.IsFaulted)
            {
                return known.Data;
            }

            if (_readings.Count >= MaxRemembered)
            {
                _readings.Clear();
            }

            var data = Task.Run(
                () => query.ReadAsync(zone, levels, marketTime.GetUtcNow(), CancellationToken.None));
            _readings[(zone, levels)] = new Reading(data, now + lifetime);
            return data;
        }
    }
}
