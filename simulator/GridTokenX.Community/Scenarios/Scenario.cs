using GridTokenX.Community.Agents;
using GridTokenX.Community.Devices;
using GridTokenX.Community.Forecasts;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Weather;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;

namespace GridTokenX.Community.Scenarios;

/// <summary>A neighbourhood, its market and how long it lives: all that a run depends on.</summary>
internal sealed record Scenario
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required DateOnly Start { get; init; }

    public required int Days { get; init; }

    public required long Seed { get; init; }

    public required Site Site { get; init; }

    public required MarketRules Market { get; init; }

    public required Prices Prices { get; init; }

    public required double Co2GramsPerKwh { get; init; }

    public required IReadOnlyList<string> Zones { get; init; }

    /// <summary>With the capacity of one epoch.</summary>
    public required IReadOnlyList<ZoneLink> Links { get; init; }

    public required IReadOnlyList<HomeGroup> Groups { get; init; }

    public required IReadOnlyList<Fault> Faults { get; init; }

    public int Epochs => Days * EpochTime.PerDay;

    public int Homes => Groups.Sum(static group => group.Count);
}

internal enum MarketRule
{
    None = 0,
    CallAuction,
    Continuous,
}

internal sealed record MarketRules(
    MarketRule Rule, int Rounds, Rationing Rationing, TradePrice TradePrice, int FeeBasisPoints);

/// <summary>µGRX per kWh.</summary>
internal sealed record Prices(
    long FeedIn, long OnPeak, long OffPeak, int PeakFrom, int PeakTo, bool WorkdaysOnly, long Base, double Spread)
{
    public long RetailAt(in EpochTime time)
    {
        var peakDay = !WorkdaysOnly || time.Kind == DayKind.Workday;
        return peakDay && time.Quarter >= PeakFrom * 4 && time.Quarter < PeakTo * 4 ? OnPeak : OffPeak;
    }
}

/// <summary>A file of measured power, or a folder with one for each home of the group, and how it is read.</summary>
/// <param name="Path">From the scenario's folder; that of a folder ends with a slash.</param>
/// <param name="Options">Of every file.</param>
internal sealed record ProfileFile(string Path, CsvOptions Options)
{
    /// <summary>Of a folder: which of its files, in the order of their names.</summary>
    public int Place { get; init; }

    public bool IsFolder => Path.EndsWith('/');

    /// <summary>All homes of the group are alike in it.</summary>
    public bool IsShared => !IsFolder && !Options.EachItsColumn;

    /// <param name="place">Of the home in its group.</param>
    public ProfileFile OfHome(int place) => this switch
    {
        { IsFolder: true } => this with { Place = place },
        { IsShared: true } => this,
        _ => this with { Options = Options with { ColumnsOn = place } },
    };
}

internal sealed record HomeGroup
{
    public required string Name { get; init; }

    public required int Count { get; init; }

    /// <summary>Place in the scenario's zones.</summary>
    public required int Zone { get; init; }

    public required double Variation { get; init; }

    public required string LoadPreset { get; init; }

    public required Occupancy Occupancy { get; init; }

    public required double AnnualKwh { get; init; }

    public ProfileFile? LoadFile { get; init; }

    public PvOptions? Pv { get; init; }

    public ProfileFile? PvFile { get; init; }

    public WindOptions? Wind { get; init; }

    public BatteryOptions? Battery { get; init; }

    public VehicleOptions? Vehicle { get; init; }

    public ClimateOptions? Climate { get; init; }

    public bool Generates => Pv is not null || PvFile is not null || Wind is not null;

    /// <summary>Weights, by kind of agent; they need not sum to anything.</summary>
    public required IReadOnlyList<(AgentKind Kind, double Weight)> Agents { get; init; }

    public required ForecastKind Forecast { get; init; }

    /// <summary>The group once for each of its homes, with the files of that home.</summary>
    public IEnumerable<HomeGroup> EachHome() => Enumerable.Range(0, Count).Select(
        place => LoadFile is null && PvFile is null
            ? this
            : this with { LoadFile = LoadFile?.OfHome(place), PvFile = PvFile?.OfHome(place) });

    /// <summary>Files that several homes share, which makes them alike.</summary>
    public IEnumerable<string> SharedFiles() => Count < 2
        ? []
        : new[] { LoadFile, PvFile }.OfType<ProfileFile>()
            .Where(static file => file.IsShared)
            .Select(static file => file.Path)
            .Distinct(StringComparer.Ordinal);
}

internal enum FaultKind
{
    None = 0,
    OfflineMeter,
    CheatingMeter,
    LossyNetwork,
    ClockError,
    GatewayDown,
}

internal enum CheatKind
{
    None = 0,

    /// <summary>Other registers under the same signature.</summary>
    Registers,

    /// <summary>Other registers, signed by another key in its own name.</summary>
    ForeignKey,

    /// <summary>What was taken before, once more.</summary>
    Replay,

    /// <summary>Readings in a neighbour's name.</summary>
    Impersonation,
}

/// <param name="Group">Place in the scenario's groups; −1 for all.</param>
/// <param name="FromEpoch">The first one.</param>
/// <param name="ToEpoch">The first one after it.</param>
internal sealed record Fault(
    FaultKind Kind, int Homes, int Group, int FromEpoch, int ToEpoch, double Factor, double Drop, double Seconds)
{
    public CheatKind Cheat { get; init; } = CheatKind.Registers;

    /// <summary>Share of messages that a lossy network brings twice.</summary>
    public double Duplicate { get; init; }

    /// <summary>Share of messages that a lossy network brings late, after younger ones.</summary>
    public double Delay { get; init; }

    /// <summary>The others are about messages, which market mode has none of.</summary>
    public bool IsOfMarketMode => Kind is FaultKind.OfflineMeter or FaultKind.CheatingMeter;
}
