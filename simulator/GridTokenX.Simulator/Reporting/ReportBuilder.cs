using GridTokenX.Community.Scenarios;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Faults;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Simulator.Running;
using GridTokenX.Simulator.Scenarios;
using GridTokenX.Simulator.Trading;

namespace GridTokenX.Simulator.Reporting;

/// <summary>What the report is made from: our own books, the cloud core's, and the chain's.</summary>
internal sealed record Books(
    NeighbourhoodOptions Options,
    IReadOnlyList<HomeBooks> Homes,
    RunOutcome Outcome,
    OperatorReport Cloud,
    ReconciliationReport Reconciliation,
    ChainLedger Ledger,
    IReadOnlyList<WalletBalance> Balances,
    Int128 LamportsAtFirst,
    IReadOnlyDictionary<string, long> ComputeUnits,
    TimeSpan Wall)
{
    /// <summary>Of all zones, where there are several.</summary>
    public IReadOnlyList<EpochView> Epochs { get; init; } = [];

    public IReadOnlyList<LinkView> Links { get; init; } = [];
}

/// <summary>What a home itself knows it has measured.</summary>
/// <param name="MintedWh">The highest net generation at a mint point: what must have been minted.</param>
internal sealed record HomeBooks(
    HomePlan Plan, long ReadingsProduced, long ProducedWh, long ConsumedWh, long MintedWh)
{
    /// <summary>Readings that a full meter has dropped for younger ones.</summary>
    public long ReadingsGivenWay { get; init; }
}

internal static class ReportBuilder
{
    private const decimal QuartersOfAnHour = 4;

    public static DemoReport Build(Books books)
    {
        var cloud = books.Cloud;
        var produced = books.Homes.Sum(static home => home.ReadingsProduced);
        var producedWh = books.Homes.Sum(static home => home.ProducedWh);
        var consumedWh = books.Homes.Sum(static home => home.ConsumedWh);
        var mintedWh = books.Homes.Sum(static home => home.MintedWh);
        var conservation = Prove(books, mintedWh);
        var report = new DemoReport
        {
            Command = books.Options.Command,
            Homes = books.Homes.Count,
            Seed = books.Options.Seed,
            SimulatedSeconds = (long)books.Options.Quarters * Quarter.Seconds,
            WallSeconds = decimal.Round((decimal)books.Wall.TotalSeconds, 1),
            Phases = new Dictionary<string, decimal>(),
            Readings = new ReadingsReport(
                produced,
                cloud.Readings.Accepted,
                cloud.Readings.RejectedByCode.Values.Sum(),
                produced - cloud.Readings.Accepted - books.Homes.Sum(static home => home.ReadingsGivenWay)),
            Energy = new EnergyReport(producedWh, consumedWh, producedWh - consumedWh, cloud.Energy.MintedWh),
            Orders = Orders(cloud.Orders),
            Matches = cloud.Matches,
            Epochs = new EpochsReport(cloud.Epochs.Cleared, cloud.Epochs.Settled),
            Settlements = new SettlementsReport(
                cloud.Settlements.Completed,
                cloud.Settlements.Failed,
                cloud.Settlements.ValueUgrx,
                cloud.Settlements.FeeUgrx),
            Locks = Locks(cloud.Locks),
            Chain = new ChainReport(
                cloud.Chain.Transactions,
                cloud.Chain.Failed,
                books.Ledger.GridSupply,
                books.Ledger.GrxSupply,
                books.ComputeUnits),
            Conservation = conservation,
            Market = new MarketReport(cloud.Market.WelfareRatio, cloud.Market.VolumeRatio),
            Scenario = ScenarioOf(books.Options, books.Homes),
            Zones = ZoneTotals.Of(books),
            Links = ZoneTotals.LinksOf(books),
            Neighbourhood = [.. books.Homes.Zip(books.Balances, Home)],
            Faults = [.. books.Homes.SelectMany(static home => home.Plan.Faults.Select(fault => FaultOf(home, fault)))],
            Problems = [],
        };
        return report with { Problems = [.. Checks.Problems(report, books)] };
    }

    /// <summary>
    /// Every token that exists is accounted for, once, by the energy or the grant it came from; what lies in a vault is
    /// some open order's.
    /// </summary>
    private static ConservationReport Prove(Books books, long mintedWh)
    {
        var ledger = books.Ledger;

        // Whatever was burned had been minted.
        var minted = checked(ledger.GridSupply + (ulong)books.Cloud.Energy.RetiredGrid);
        return new ConservationReport(
            minted == new WattHours(mintedWh).ToGridBaseUnits()
                && minted == ledger.SettledWh * WattHours.GridBaseUnitsPerWh
                && ledger.GridHeld == ledger.GridSupply
                && ledger.GridVault == ledger.GridInOrders,
            ledger.GrxSupply == (ulong)books.Outcome.GrantedUgrx
                && ledger.GrxHeld == ledger.GrxSupply
                && ledger.GrxVault == ledger.GrxInOrders,
            books.Reconciliation.Matches
                && books.Reconciliation.Outside.Count == 0
                && books.Reconciliation.Checked > 0);
    }

    private static OrdersReport Orders(OrderTotals orders) => new(
        orders.Sell,
        orders.Buy,
        orders.Filled,
        orders.PartiallyFilled,
        orders.Cancelled,
        orders.Expired,
        orders.Rejected);

    private static LocksReport Locks(LockTotals locks) => new(
        locks.Sent, locks.Acknowledged, locks.Rejected, locks.Released, locks.Queued, locks.Expired);

    /// <summary>Null for the demo's own homes.</summary>
    internal static ScenarioReport? ScenarioOf(NeighbourhoodOptions options, IReadOnlyList<HomeBooks> homes) =>
        options.Scenario is not { } played
            ? null
            : new ScenarioReport(
                played.Scenario.Name,
                played.Sha256,
                homes.CountBy(static home => home.Plan.Agent?.Name ?? TradingAgent.OwnName)
                    .OrderBy(static row => row.Key, StringComparer.Ordinal)
                    .ToDictionary(static row => row.Key, static row => row.Value, StringComparer.Ordinal),
                CoreRules.Of(played.Scenario),
                [.. StackNotes.Of(played.Scenario, options.SessionQuarters)]);

    private static FaultReport FaultOf(HomeBooks home, Fault fault) => new(
        home.Plan.MeterId,
        FieldName.Of(fault.Kind),
        fault.FromEpoch / QuartersOfAnHour,
        fault.ToEpoch / QuartersOfAnHour,
        fault.KeepsFromTrading(),
        home.Plan.PlaysFaults);

    private static HomeReport Home(HomeBooks home, WalletBalance balance) => new(
        home.Plan.MeterId,
        home.Plan.Role,
        home.Plan.Load.Name,
        home.Plan.Pv?.Name,
        home.ProducedWh,
        home.ConsumedWh,
        home.MintedWh,
        balance.GridBaseUnits,
        balance.Ugrx);
}
