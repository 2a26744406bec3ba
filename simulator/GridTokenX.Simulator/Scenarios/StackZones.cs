using System.Globalization;
using GridTokenX.Community.Scenarios;
using GridTokenX.Simulator.Homes;

namespace GridTokenX.Simulator.Scenarios;

/// <summary>
/// What the zones of a scenario are called at the real market: by their own names where there are several and the cloud
/// core takes all of them, otherwise by their numbers.
/// </summary>
internal static class StackZones
{
    private const int LongestName = 32;

    /// <summary>In the order of the scenario's zones.</summary>
    public static IReadOnlyList<string> NamesOf(Scenario scenario) => scenario.Zones switch
    {
        [_] => [Neighbourhood.OnlyZone],
        var own when own.All(IsName) => own,
        var own => [.. Enumerable.Range(1, own.Count).Select(static number =>
            string.Create(CultureInfo.InvariantCulture, $"zone-{number}"))],
    };

    /// <summary>As in a meter's id.</summary>
    private static bool IsName(string name) => name.Length is >= 1 and <= LongestName
        && name.All(static sign => char.IsAsciiLetterOrDigit(sign) || sign is '.' or '_' or '-');
}
