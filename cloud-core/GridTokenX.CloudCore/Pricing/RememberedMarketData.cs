using System.Collections.Concurrent;
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

    private readonly ConcurrentDictionary<(string Zone, int Levels), Reading> _readings = new();

    private sealed record Reading(Lazy<Task<MarketData?>> Data, DateTimeOffset Until);

    /// <summary>Null when no meter is in the zone.</summary>
    internal async Task<MarketData?> ReadAsync(string zone, int levels, CancellationToken cancellationToken)
    {
        if (lifetime == TimeSpan.Zero)
        {
            return await query.ReadAsync(zone, levels, marketTime.GetUtcNow(), cancellationToken);
        }

        var reading = _readings.AddOrUpdate(
            (zone, levels), Begin, (key, known) => wall.UtcNow < known.Until ? known : Begin(key));
        try
        {
            var data = await reading.Data.Value.WaitAsync(cancellationToken);
            if (data is null || _readings.Count > MaxRemembered)
            {
                _ = _readings.TryRemove((zone, levels), out _);
            }

            return data;
        }
        catch (Exception) when (reading.Data.Value.IsFaulted)
        {
            // The next one tries again.
            _ = _readings.TryRemove(KeyValuePair.Create((zone, levels), reading));
            throw;
        }
    }

    private Reading Begin((string Zone, int Levels) key) => new(
        new Lazy<Task<MarketData?>>(
            () => query.ReadAsync(key.Zone, key.Levels, marketTime.GetUtcNow(), CancellationToken.None)),
        wall.UtcNow + lifetime);
}
