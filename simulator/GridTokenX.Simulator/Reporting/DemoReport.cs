using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.Simulator.Scenarios;

namespace GridTokenX.Simulator.Reporting;

/// <summary>The report of a run; energy in Wh, money in µGRX, supplies in base units.</summary>
internal sealed record DemoReport
{
    /// <summary>A run that was stopped leaves a <see cref="StoppedReport"/>.</summary>
    public bool Complete { get; init; } = true;

    /// <summary>Repeats the run.</summary>
    public string Command { get; init; } = string.Empty;

    public required int Homes { get; init; }

    public required long Seed { get; init; }

    public required long SimulatedSeconds { get; init; }

    public required decimal WallSeconds { get; init; }

    /// <summary>Where they went, s.</summary>
    public required IReadOnlyDictionary<string, decimal> Phases { get; init; }

    /// <summary>
    /// Processor time of each part since its start, s: after the opening, after each day, and at the end.
    /// </summary>
    public IReadOnlyList<IReadOnlyDictionary<string, decimal>> ProcessorSeconds { get; init; } = [];

    public required ReadingsReport Readings { get; init; }

    public required EnergyReport Energy { get; init; }

    public required OrdersReport Orders { get; init; }

    public required long Matches { get; init; }

    public required EpochsReport Epochs { get; init; }

    public required SettlementsReport Settlements { get; init; }

    public required LocksReport Locks { get; init; }

    public required ChainReport Chain { get; init; }

    public required ConservationReport Conservation { get; init; }

    public required MarketReport Market { get; init; }

    /// <summary>Null where there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ZoneReport>? Zones { get; init; }

    /// <summary>What came from zone to zone; null where there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LinkReport>? Links { get; init; }

    /// <summary>What each home was made of and what it measured.</summary>
    public required IReadOnlyList<HomeReport> Neighbourhood { get; init; }

    /// <summary>What was played of which scenario; null for the demo's own homes.</summary>
    public ScenarioReport? Scenario { get; init; }

    /// <summary>Of the scenario's meters; empty without one.</summary>
    public IReadOnlyList<FaultReport> Faults { get; init; } = [];

    /// <summary>Of everything that the same seed gives again.</summary>
    public string Fingerprint => Repeatable.Of(this).Fingerprint();

    /// <summary>Each check that did not hold; empty when all did.</summary>
    public required IReadOnlyList<string> Problems { get; init; }
}

internal sealed record ReadingsReport(long Produced, long Accepted, long Rejected, long Lost);

internal sealed record EnergyReport(long ProducedWh, long ConsumedWh, long NetWh, long MintedWh);

internal sealed record OrdersReport(
    long Sell, long Buy, long Filled, long PartiallyFilled, long Cancelled, long Expired, long Rejected);

internal sealed record EpochsReport(long Cleared, long Settled);

internal sealed record SettlementsReport(long Completed, long Failed, long ValueUgrx, long FeeUgrx);

internal sealed record LocksReport(
    long Sent, long Acknowledged, long Rejected, long Released, long Queued, long Expired);

internal sealed record ChainReport(
    long Transactions,
    long Failed,
    ulong GridSupply,
    ulong GrxSupply,
    IReadOnlyDictionary<string, long> ComputeUnits);

internal sealed record ConservationReport(bool GridOk, bool GrxOk, bool DatabaseMatchesChain);

internal sealed record MarketReport(decimal? WelfareRatio, decimal? VolumeRatio);

/// <summary>Of a zone's homes, and of its market.</summary>
/// <param name="SoldWh">Fed in by its homes for others, here or elsewhere.</param>
/// <param name="Trades">Of its sellers.</param>
/// <param name="MeanPrice">Of them, by energy, GRX per kWh; null without any.</param>
/// <param name="BoughtWh">Arrived at its homes, from here and elsewhere.</param>
internal sealed record ZoneReport(
    string Zone,
    int Homes,
    long ProducedWh,
    long ConsumedWh,
    long MintedWh,
    long SoldWh,
    long Trades,
    decimal? MeanPrice,
    long BoughtWh);

/// <param name="LostWh">Of what was sent, on the way.</param>
/// <param name="ValueUgrx">Paid to the sellers, with the fee.</param>
/// <param name="WheelingUgrx">Owed by the buyers to the grid.</param>
internal sealed record LinkReport(
    string From, string To, long Matches, long SentWh, long LostWh, long ValueUgrx, long WheelingUgrx);

/// <param name="Load">Its load file, or <c>model</c>.</param>
/// <param name="Pv">Its PV file, or <c>model</c>; null for a consumer.</param>
/// <param name="GridBaseUnits">In its wallet at the end.</param>
/// <param name="Ugrx">In its wallet at the end.</param>
internal sealed record HomeReport(
    string Meter,
    string Role,
    string Load,
    string? Pv,
    long ProducedWh,
    long ConsumedWh,
    long MintedWh,
    ulong GridBaseUnits,
    ulong Ugrx);

/// <param name="Sha256">Of its file, in hexadecimal.</param>
/// <param name="Agents">Homes by kind of agent.</param>
/// <param name="Market">What the cloud core was set to.</param>
/// <param name="Notes">What is otherwise than in market mode.</param>
internal sealed record ScenarioReport(
    string Name,
    string Sha256,
    IReadOnlyDictionary<string, int> Agents,
    CoreRules Market,
    IReadOnlyList<PlayNote> Notes);

/// <param name="KeepsFromTrading">Its home is out of the market meanwhile.</param>
/// <param name="Played">False in a run to compare with, whose meters are sound.</param>
internal sealed record FaultReport(
    string Meter, string Kind, decimal FromHour, decimal ToHour, bool KeepsFromTrading, bool Played);

/// <summary>What the same seed gives again, to the base unit; how transactions were packed may differ.</summary>
internal sealed record Repeatable(
    ReadingsReport Readings,
    EnergyReport Energy,
    OrdersReport Orders,
    long Matches,
    EpochsReport Epochs,
    SettlementsReport Settlements,
    MarketReport Market,
    IReadOnlyList<HomeReport> Neighbourhood)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ZoneReport>? Zones { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LinkReport>? Links { get; init; }

    public static Repeatable Of(DemoReport report) => new(
        report.Readings,
        report.Energy,
        report.Orders,
        report.Matches,
        report.Epochs,
        report.Settlements,
        report.Market,
        report.Neighbourhood)
    {
        Zones = report.Zones,
        Links = report.Links,
    };

    /// <summary>SHA-256 of all of it, in hexadecimal.</summary>
    public string Fingerprint() => Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, ReportJson.Default.Repeatable)));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(StoppedReport))]
[JsonSerializable(typeof(Repeatable))]
internal sealed partial class ReportJson : JsonSerializerContext;
