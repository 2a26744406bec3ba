using GridTokenX.Protocol.Api;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Reporting;

/// <summary>A quarter hour on real parts: what all homes' registers counted, and the cloud core's epoch.</summary>
/// <param name="Market">Null where nobody wanted to trade.</param>
internal sealed record StackQuarter(DateTimeOffset Start, long ProducedWh, long ConsumedWh, EpochView? Market);

internal static class StackSeries
{
    /// <param name="neighbourhood">Played to its end.</param>
    /// <param name="epochs">Of its zone, in any order.</param>
    public static IReadOnlyList<StackQuarter> Of(Neighbourhood neighbourhood, IEnumerable<EpochView> epochs)
    {
        var markets = epochs.ToDictionary(static epoch => epoch.Start);
        var produced = new long[neighbourhood.Quarters];
        var consumed = new long[neighbourhood.Quarters];
        foreach (var home in neighbourhood.Homes)
        {
            Count(home.Load, consumed);
            Count(home.Pv, produced);
        }

        return
        [
            .. Enumerable.Range(0, neighbourhood.Quarters).Select(quarter =>
            {
                var start = neighbourhood.Start + (Quarter.Length * quarter);
                return new StackQuarter(
                    start, produced[quarter], consumed[quarter], markets.GetValueOrDefault(start));
            }),
        ];
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
