namespace GridTokenX.Testing;

/// <summary>What a local chain starts with; it restarts with the same.</summary>
public sealed record LocalnetOptions
{
    /// <summary>Files by the address at which they are loaded.</summary>
    public IReadOnlyDictionary<string, string> Programs { get; init; } = new Dictionary<string, string>();

    /// <summary>Who may upgrade, and so initialise, the programs; null: nobody.</summary>
    public string? UpgradeAuthority { get; init; }

    /// <summary>The clock stands still until gridtokenx_setTime sets it.</summary>
    public bool SimulatedClock { get; init; }

    /// <summary>A web page that may use the chain, as <c>http://127.0.0.1:8080</c>.</summary>
    public string? CorsOrigin { get; init; }

    /// <summary>The three programs of this repository at their addresses.</summary>
    public static LocalnetOptions WithPrograms(string upgradeAuthority, bool simulatedClock = false) =>
        new()
        {
            Programs = ProgramFiles.ByAddress(),
            UpgradeAuthority = upgradeAuthority,
            SimulatedClock = simulatedClock,
        };

    internal IEnumerable<string> Arguments()
    {
        foreach (var (address, file) in Programs)
        {
            yield return "--program";
            yield return $"{address}={file}";
        }

        if (UpgradeAuthority is not null)
        {
            yield return "--upgrade-authority";
            yield return UpgradeAuthority;
        }

        if (CorsOrigin is not null)
        {
            yield return "--cors-origin";
            yield return CorsOrigin;
        }

        if (SimulatedClock)
        {
            yield return "--simulated-clock";
        }
    }
}
