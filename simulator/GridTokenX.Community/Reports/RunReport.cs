namespace GridTokenX.Community.Reports;

/// <summary>
/// What came of a run. Nothing in it depends on the machine or on how long it took: the same scenario, seed and
/// version give the same bytes. Energies are Wh, money µGRX, prices µGRX per kWh, shares 0 to 1 with six places.
/// </summary>
internal sealed record RunReport
{
    public required RunIdentity Run { get; init; }

    public required EnergySums EnergyWh { get; init; }

    public required MarketSums Market { get; init; }

    public required SharesReport SelfSufficiency { get; init; }

    public required SharesReport SelfConsumption { get; init; }

    public required PeakReport PeakKw { get; init; }

    public required Co2Report Co2Kg { get; init; }

    public required BillsReport Bills { get; init; }

    public required IReadOnlyList<AgentReport> Agents { get; init; }

    public required IReadOnlyList<ForecastReport> Forecasts { get; init; }

    public required IReadOnlyList<FaultReport> Faults { get; init; }

    public required ChainReport Chain { get; init; }

    public required ConservationReport Conservation { get; init; }

    public required SeriesReport Series { get; init; }

    public required MeanDayReport MeanDay { get; init; }

    public required DurationReport Duration { get; init; }

    public required CurvesReport Curves { get; init; }
}

/// <param name="Complete">False when the run was stopped before its end.</param>
/// <param name="Command">Repeats the run.</param>
internal sealed record RunIdentity(
    string Scenario, string Description, string Version, string Command, long Seed, string Mode, DateOnly Start,
    int Days, long Epochs, bool Complete, int Homes, IReadOnlyList<string> Zones)
{
    /// <summary>Hexadecimal; of the scenario's file as it was read. Empty where nobody said.</summary>
    public string ScenarioSha256 { get; init; } = string.Empty;

    /// <summary>The files of measured power that were read, by their paths from the scenario.</summary>
    public IReadOnlyList<FileHash> Profiles { get; init; } = [];
}

internal sealed record FileHash(string File, string Sha256);

/// <param name="ImportWithoutMarket">
/// Of all meters, had nobody traded and every battery kept its home's surplus.
/// </param>
internal sealed record EnergySums(
    long Pv, long Wind, long Load, long Vehicle, long Climate, long BatteryCharge, long BatteryDischarge, long Losses,
    long MeterImport, long MeterExport, long CommunityImport, long CommunityExport, long UtilityImport,
    long UtilityExport, long ImportWithoutMarket, long ExportWithoutMarket, long StoredAtStart, long StoredAtEnd);

internal sealed record MarketSums(
    string Rule, int Rounds, int FeeBps, long BidsWh, long AsksWh, long TradedWh, long TradedAcrossWh,
    long LinkLossesWh, long Trades, long ValueUgrx, long FeesUgrx, long WheelingUgrx, long? MeanPrice,
    long WelfareUgrx, long WelfareMostUgrx, decimal? WelfareShare, decimal? VolumeShare);

/// <summary>
/// Of what was generated the part that was not exported: as a share of all that was used, which is consumption, losses
/// and what batteries hold more than before (self-sufficiency), or of the generation (self-consumption). Never below
/// zero, also when batteries export what they had of the grid.
/// </summary>
/// <param name="Alone">Every home by itself, without a market.</param>
/// <param name="Traded">With what the market brought from neighbours.</param>
/// <param name="Community">As if the whole community had one meter: the most that any market can reach.</param>
internal sealed record SharesReport(decimal? Alone, decimal? Traded, decimal? Community);

/// <param name="HomesImport">Largest sum of all homes' imports.</param>
/// <param name="CommunityImport">Largest import of the community as a whole.</param>
/// <param name="CommunityExport">Largest export of the community as a whole.</param>
/// <param name="ImportWithoutMarket">Of the community, had there been no market.</param>
/// <param name="ExportWithoutMarket">Likewise.</param>
internal sealed record PeakReport(
    decimal HomesImport, decimal CommunityImport, decimal CommunityExport, decimal ImportWithoutMarket,
    decimal ExportWithoutMarket);

/// <param name="WithoutMarket">Of all that the meters would have imported, had there been no market.</param>
/// <param name="WithMarket">Of what was bought of the utility.</param>
internal sealed record Co2Report(decimal GramsPerKwh, decimal WithoutMarket, decimal WithMarket);

/// <summary>
/// What homes paid in all, less what they got; the same homes and weather with the market, and without: then nobody
/// trades, and every battery keeps its home's surplus.
/// </summary>
internal sealed record BillsReport(
    long WithoutMarket, long WithMarket, IReadOnlyList<GroupBill> Groups, IReadOnlyList<long> SavingDeciles);

internal sealed record GroupBill(string Group, int Homes, long WithoutMarket, long WithMarket);

/// <param name="TradedShare">Of what they offered.</param>
/// <param name="SurplusPerKwh">Against their own valuations, before fees.</param>
internal sealed record AgentReport(
    string Agent, int Homes, long OfferedWh, long TradedWh, decimal? TradedShare, long SurplusUgrx,
    long? SurplusPerKwh);

/// <summary>Errors of a home's forecast of an epoch, Wh.</summary>
internal sealed record ForecastReport(
    string Forecast, long Count, decimal? Mae, decimal? Rmse, decimal? Bias);

/// <param name="Homes">Numbers as in homes.csv, from 1.</param>
internal sealed record FaultReport(
    string Kind, bool Applied, string Note, IReadOnlyList<int> Homes, long UnpaidWh, long FalseClaimsWh);

/// <summary>
/// An estimate of what the run would take on chain, by the measured costs of the programs: each order's escrow and each
/// withdrawal a transaction of its own, three settlements and the mints of nine meters share one. Not in it: giving
/// back what is left of orders that expire, registrations, and the rent of accounts, which comes back.
/// </summary>
internal sealed record ChainReport(
    long Orders, long Withdrawals, long Settlements, long Mints, long Transactions, long ComputeUnits, long Lamports);

/// <summary>
/// What homes would have bought and sold at each price, by their own valuations: mean power of each hour of the day,
/// kW.
/// </summary>
/// <param name="Price">GRX per kWh.</param>
/// <param name="Demand">By hour, at each of the prices.</param>
/// <param name="Supply">Likewise.</param>
internal sealed record CurvesReport(
    IReadOnlyList<decimal> Price,
    IReadOnlyList<IReadOnlyList<decimal>> Demand,
    IReadOnlyList<IReadOnlyList<decimal>> Supply);

internal sealed record ConservationReport(long EpochsProven, bool EnergyOk, bool MoneyOk);

/// <summary>Means over buckets of so many epochs, for plots. Powers in kW, prices in GRX per kWh.</summary>
internal sealed record SeriesReport
{
    public required int BucketEpochs { get; init; }

    public required IReadOnlyList<decimal> Pv { get; init; }

    public required IReadOnlyList<decimal> Wind { get; init; }

    public required IReadOnlyList<decimal> Consumption { get; init; }

    public required IReadOnlyList<decimal> CommunityImport { get; init; }

    public required IReadOnlyList<decimal> CommunityExport { get; init; }

    public required IReadOnlyList<decimal> Traded { get; init; }

    public required IReadOnlyList<decimal> Bids { get; init; }

    public required IReadOnlyList<decimal> Asks { get; init; }

    /// <summary>kWh at the bucket's end.</summary>
    public required IReadOnlyList<decimal> Stored { get; init; }

    public required IReadOnlyList<decimal?> Price { get; init; }

    public required IReadOnlyList<decimal?> PriceLow { get; init; }

    public required IReadOnlyList<decimal?> PriceHigh { get; init; }

    public required IReadOnlyList<decimal> Retail { get; init; }

    public required IReadOnlyList<decimal> FeedIn { get; init; }

    public required IReadOnlyList<decimal?> WelfareShare { get; init; }
}

/// <summary>Hour by hour, the mean of all days: kW, and GRX per kWh.</summary>
internal sealed record MeanDayReport(
    IReadOnlyList<decimal> Generation, IReadOnlyList<decimal> Consumption, IReadOnlyList<decimal> Traded,
    IReadOnlyList<decimal?> Price);

/// <summary>Power that is exceeded in 0, 1, … 100 % of the epochs, kW; below zero it is exported.</summary>
internal sealed record DurationReport(IReadOnlyList<decimal> Community, IReadOnlyList<decimal> Homes);
