using GridTokenX.Protocol.Api;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Reporting;

/// <summary>A quarter hour of a zone on real parts: what its homes' registers counted, and the cloud core's epoch.
/// </summary>
/// <param name="Market">Null where nobody wanted to trade.</param>
internal sealed record StackQuarter(
    DateTimeOffset Start, string Zone, long ProducedWh, long ConsumedWh, EpochView? Market);

internal static class StackSeries
{
    /// <summary>Quarter hour by quarter hour, zone by zone.</summary>
    /// <param name="neighbourhood">Played to its end.</param>
    /// <param name="epochs">Of its zones, in any order.</param>
    public static IReadOnlyList<StackQuarter> Of(Neighbourhood neighbourhood, IEnumerable<EpochView> epochs)
    {
        var markets = epochs.ToDictionary(static epoch => (epoch.Start, epoch.Zone));
        var zones = neighbourhood.Zones.Select(zone => (Name: zone, Sums: Count(neighbourhood, zone))).ToList();
        return
        [
            .. Enumerable.Range(0, neighbourhood.Quarters).SelectMany(quarter =>
            {
                var start = neighbourhood.Start + (Quarter.Length * quarter);
                return zones.Select(zone => new StackQuarter(
                    start, zone.Name, zone.Sums.Produced[quarter], zone.Sums.Consumed[quarter],
                    markets.GetValueOrDefault((start, zone.Name))));
            }),
        ];
    }

    private static (long[] Produced, long[] Consumed) Count(Neighbourhood neighbourhood, string zone)
    {
        var (produced, consumed) = (new long[neighbourhood.Quarters], new long[neighbourhood.Quarters]);
        foreach (var home in neighbourhood.Homes.Where(home => home.Zone == zone))
        {
            Count(home.Load, consumed);
            Count(home.Pv, produced);
        }

        return (produced, consumed);
    }

    /// <summary>Whole watt-hours when they become whole, as the device's register counts them.</summary>
    private static void Count(IPowerProfile? profile, long[] sums)
    {
        var register = new EnergyCounter();
        for (var quarter = 0; profile is not null && quarter < sums.Length; quarter++)
        {
            sums[quarter] += register.Add(profile.MicrowattSeconds(quarter));
        }
    }
}
