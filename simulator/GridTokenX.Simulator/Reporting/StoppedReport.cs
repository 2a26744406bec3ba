using GridTokenX.Protocol.Api;

namespace GridTokenX.Simulator.Reporting;

/// <summary>
/// The report of a run that was stopped before its end. Orders and settlements are still under way in it, so it proves
/// nothing: it says what the homes have measured, and what the cloud core's books showed at that moment.
/// </summary>
internal sealed record StoppedReport
{
    /// <summary>Never: it tells this report from that of a run that came to its end.</summary>
    public bool Complete { get; init; }

    /// <summary>Repeats the run.</summary>
    public string Command { get; init; } = string.Empty;

    public required int Homes { get; init; }

    public required long Seed { get; init; }

    /// <summary>Played.</summary>
    public required long SimulatedSeconds { get; init; }

    /// <summary>What the run would have been.</summary>
    public required long PlannedSeconds { get; init; }

    public required decimal WallSeconds { get; init; }

    public required IReadOnlyDictionary<string, decimal> Phases { get; init; }

    public required long ReadingsProduced { get; init; }

    public required long ProducedWh { get; init; }

    public required long ConsumedWh { get; init; }

    /// <summary>What the homes know to be minted.</summary>
    public required long MintedWh { get; init; }

    public ScenarioReport? Scenario { get; init; }

    public required IReadOnlyList<StoppedHome> Neighbourhood { get; init; }

    /// <summary>Null when it did not answer in time.</summary>
    public OperatorReport? Cloud { get; init; }

    /// <param name="options">Of the run.</param>
    /// <param name="homes">Those that have been switched on.</param>
    /// <param name="quarters">Played.</param>
    /// <param name="wall">How long it took.</param>
    /// <param name="phases">Where it went.</param>
    /// <param name="cloud">Null when it did not answer.</param>
    public static StoppedReport Of(
        NeighbourhoodOptions options,
        IReadOnlyList<HomeBooks> homes,
        int quarters,
        TimeSpan wall,
        IReadOnlyDictionary<string, decimal> phases,
        OperatorReport? cloud) => new()
        {
            Command = options.Command,
            Homes = options.Homes,
            Seed = options.Seed,
            SimulatedSeconds = (long)quarters * Profiles.Quarter.Seconds,
            PlannedSeconds = (long)options.Quarters * Profiles.Quarter.Seconds,
            WallSeconds = decimal.Round((decimal)wall.TotalSeconds, 1),
            Phases = phases,
            ReadingsProduced = homes.Sum(static home => home.ReadingsProduced),
            ProducedWh = homes.Sum(static home => home.ProducedWh),
            ConsumedWh = homes.Sum(static home => home.ConsumedWh),
            MintedWh = homes.Sum(static home => home.MintedWh),
            Scenario = ReportBuilder.ScenarioOf(options, homes),
            Neighbourhood = [.. homes.Select(static home => new StoppedHome(
                home.Plan.MeterId, home.Plan.Role, home.ProducedWh, home.ConsumedWh, home.MintedWh))],
            Cloud = cloud,
        };
}

internal sealed record StoppedHome(string Meter, string Role, long ProducedWh, long ConsumedWh, long MintedWh);
