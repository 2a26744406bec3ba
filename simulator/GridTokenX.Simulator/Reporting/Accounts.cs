using System.Globalization;
using System.Text.Json;

namespace GridTokenX.Simulator.Reporting;

/// <summary>What lay in each home's wallet at the end of a run, as its report says.</summary>
internal sealed class Accounts
{
    private readonly IReadOnlyList<HomeReport> _homes;

    public Accounts(IReadOnlyList<HomeReport> homes) => _homes = homes;

    /// <exception cref="JsonException">The file is no report.</exception>
    public static Accounts Read(string file)
    {
        using var stream = File.OpenRead(file);
        var report = JsonSerializer.Deserialize(stream, ReportJson.Default.DemoReport)
            ?? throw new JsonException($"{file} is no report.");
        return new Accounts(report.Neighbourhood);
    }

    /// <summary>
    /// Whose account is not what it was, to the base unit; not of those whose own meter keeps them from trading, whose
    /// energy may have been minted later or never.
    /// </summary>
    public IEnumerable<string> Differences(DemoReport disturbed)
    {
        if (_homes.Count != disturbed.Neighbourhood.Count)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"there are {disturbed.Neighbourhood.Count} homes, and {_homes.Count} in the run to compare with");
            yield break;
        }

        var concerned = disturbed.Faults
            .Where(static fault => fault.KeepsFromTrading)
            .Select(static fault => fault.Meter)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (home, before) in disturbed.Neighbourhood.Zip(_homes))
        {
            var isSame = home.Meter == before.Meter
                && home.GridBaseUnits == before.GridBaseUnits
                && home.Ugrx == before.Ugrx;
            if (!isSame && !concerned.Contains(home.Meter))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{home.Meter} has {home.GridBaseUnits} base units of GRID and {home.Ugrx} µGRX; without the "
                    + $"faults {before.Meter} has {before.GridBaseUnits} and {before.Ugrx}");
            }
        }
    }
}
