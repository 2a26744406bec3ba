using GridTokenX.Community.Scenarios;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator;

/// <summary>The neighbourhood that is asked for.</summary>
internal sealed record NeighbourhoodOptions
{
    public const int MaxHomes = 1000;
    public const int MaxDays = 366;

    public required int Homes { get; init; }

    public required int Days { get; init; }

    public required long Seed { get; init; }

    /// <summary>In place of homes and profiles; null for the neighbourhood of the demo.</summary>
    public PlayedScenario? Scenario { get; init; }

    /// <summary>Folder of CSV profiles; null for the built-in models.</summary>
    public string? Profiles { get; init; }

    /// <summary>Factor on the powers of PV files.</summary>
    public required decimal PvScale { get; init; }

    /// <summary>Quarter hours from one trading session to the next; divides a day.</summary>
    public int SessionQuarters { get; init; } = 1;

    /// <summary>Repeats the run.</summary>
    public string Command { get; init; } = string.Empty;

    public int Quarters => Days * Quarter.PerDay;
}

/// <param name="Path">Of its file.</param>
/// <param name="Sha256">Of it, in hexadecimal.</param>
/// <param name="PlaysFaults">False leaves its meters sound: to compare with.</param>
internal sealed record PlayedScenario(Scenario Scenario, string Path, string Sha256, bool PlaysFaults);

/// <summary>Where the parts are.</summary>
internal sealed record Addresses
{
    public required Uri Cloud { get; init; }

    public required Uri Gateway { get; init; }

    /// <summary>The gateway's public key.</summary>
    public required Key32 GatewayKey { get; init; }

    /// <summary>Or the path of its local socket.</summary>
    public required string BrokerHost { get; init; }

    public required int BrokerPort { get; init; }

    public required Uri Rpc { get; init; }

    /// <summary>Process ids of the parts, by name, where processor time is to be told.</summary>
    public IReadOnlyDictionary<string, int> Processes { get; init; } = new Dictionary<string, int>();

    /// <summary>Key file of the operator.</summary>
    public required string OperatorKeyFile { get; init; }
}
