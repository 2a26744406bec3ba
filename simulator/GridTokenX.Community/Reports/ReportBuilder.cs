using GridTokenX.Community.Agents;
using GridTokenX.Community.Forecasts;
using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Scenarios;
using GridTokenX.Market.Fairness;

namespace GridTokenX.Community.Reports;

/// <summary>How the run was asked for.</summary>
internal sealed record RunOrigin(string Version, string Command)
{
    public string ScenarioSha256 { get; init; } = string.Empty;

    public IReadOnlyList<FileHash> Profiles { get; init; } = [];
}

/// <summary>Sums up a run, finished or stopped.</summary>
internal static class ReportBuilder
{
    public static RunReport Of(MarketRun run, RunOrigin origin)
    {
        var scenario = run.Scenario;
        var rows = run.Rows;
        var energy = Energy(run);
        var generation = energy.Pv + energy.Wind;
        return new RunReport
        {
            Run = new RunIdentity(
                scenario.Name, scenario.Description, origin.Version, origin.Command, scenario.Seed, "market",
                scenario.Start, scenario.Days, run.Epoch, run.IsFinished, scenario.Homes, scenario.Zones)
            {
                ScenarioSha256 = origin.ScenarioSha256,
                Profiles = origin.Profiles,
            },
            EnergyWh = energy,
            Market = Market(run),
            SelfSufficiency = Shares(energy, generation, SelfSufficiency),
            SelfConsumption = Shares(energy, generation, SelfConsumption),
            PeakKw = new PeakReport(
                Kw(Most(rows, static row => row.Import)), Kw(Most(rows, static row => row.CommunityImport)),
                Kw(Most(rows, static row => row.CommunityExport)),
                Kw(Most(rows, static row => Math.Max(0, row.ImportAlone - row.ExportAlone))),
                Kw(Most(rows, static row => Math.Max(0, row.ExportAlone - row.ImportAlone)))),
            Co2Kg = new Co2Report(
                (decimal)scenario.Co2GramsPerKwh, Co2(energy.ImportWithoutMarket, scenario),
                Co2(energy.UtilityImport, scenario)),
            Bills = Bills(run),
            Agents = [.. Agents(run)],
            Forecasts = [.. Forecasts(run)],
            Faults = [.. Faults(run)],
            Chain = ChainCost.Of(run),

            // A run in which something is not conserved throws before it comes here.
            Conservation = new ConservationReport(run.Epoch, EnergyOk: true, MoneyOk: run.Ledger.Sum() == 0),
            Series = SeriesBuilder.Series(rows, scenario.Days),
            MeanDay = SeriesBuilder.MeanDay(rows),
            Duration = SeriesBuilder.Duration(rows),
            Curves = SeriesBuilder.Curves(run.Curves, run.Epoch),
        };
    }

    private static EnergySums Energy(MarketRun run)
    {
        var rows = run.Rows;
        long Sum(Func<EpochRow, long> of) => rows.Sum(of);
        return new EnergySums(
            Sum(static row => row.Pv), Sum(static row => row.Wind), Sum(static row => row.Load),
            Sum(static row => row.Vehicle), Sum(static row => row.Climate), Sum(static row => row.Charge),
            Sum(static row => row.Discharge), Sum(static row => row.Losses), Sum(static row => row.Import),
            Sum(static row => row.Export), Sum(static row => row.CommunityImport),
            Sum(static row => row.CommunityExport), Sum(static row => row.UtilityImport),
            Sum(static row => row.UtilityExport), Sum(static row => row.ImportAlone),
            Sum(static row => row.ExportAlone), run.StoredAtStart,
            rows.Count == 0 ? run.StoredAtStart : rows[^1].Stored);
    }

    private static MarketSums Market(MarketRun run)
    {
        var rules = run.Scenario.Market;
        var rows = run.Rows;
        var traded = rows.Sum(static row => row.Traded);
        var sent = traded + rows.Sum(static row => row.LinkLosses);
        var value = rows.Sum(static row => row.Value);
        var welfare = rows.Sum(static row => row.Welfare);
        var most = rows.Sum(static row => row.WelfareMost);
        return new MarketSums(
            FieldName.Of(rules.Rule), rules.Rounds, rules.FeeBasisPoints, rows.Sum(static row => row.Bids),
            rows.Sum(static row => row.Asks), traded, rows.Sum(static row => row.TradedAcross), sent - traded,
            rows.Sum(static row => (long)row.Trades), value, run.Ledger[run.Ledger.Fees],
            run.Ledger[run.Ledger.Grid], sent == 0 ? null : (long)((Int128)value * 1_000 / sent), welfare, most,
            Ratio.Of(welfare, most),
            Ratio.Of(traded - rows.Sum(static row => row.TradedAcross), rows.Sum(static row => row.VolumeMost)));
    }

    private static SharesReport Shares(
        EnergySums energy, long generation, Func<long, long, long, decimal?> of) => new(
            of(generation, energy.ImportWithoutMarket, energy.ExportWithoutMarket),
            of(generation, energy.UtilityImport, energy.UtilityExport),
            of(generation, energy.CommunityImport, energy.CommunityExport));

    private static decimal? SelfSufficiency(long generation, long import, long export)
    {
        var kept = Math.Max(0, generation - export);
        return Ratio.Of(kept, kept + import);
    }

    private static decimal? SelfConsumption(long generation, long import, long export) =>
        Ratio.Of(Math.Max(0, generation - export), generation);

    private static BillsReport Bills(MarketRun run)
    {
        var homes = run.Totals.Count;
        var groups = run.Scenario.Groups
            .Select((group, place) => new GroupBill(
                group.Name, group.Count, -Sum(run, place, home => run.Totals[home].Alone),
                -Sum(run, place, home => run.Ledger[home])))
            .ToList();
        var savings = Enumerable.Range(0, homes)
            .Select(home => run.Ledger[home] - run.Totals[home].Alone)
            .Order()
            .ToArray();
        return new BillsReport(
            groups.Sum(static group => group.WithoutMarket), groups.Sum(static group => group.WithMarket), groups,
            [.. Enumerable.Range(0, 11).Select(decile => savings[decile * (homes - 1) / 10])]);
    }

    private static long Sum(MarketRun run, int group, Func<int, long> of) =>
        Enumerable.Range(0, run.Participants.Count)
            .Where(home => run.Participants[home].Group == group)
            .Sum(of);

    private static IEnumerable<AgentReport> Agents(MarketRun run)
    {
        foreach (var kind in Enum.GetValues<AgentKind>())
        {
            var totals = run.Agents[(int)kind];
            if (totals.Homes > 0)
            {
                yield return new AgentReport(
                    FieldName.Of(kind), totals.Homes, totals.Offered, totals.Traded,
                    Ratio.Of(totals.Traded, totals.Offered), totals.Surplus,
                    totals.Traded == 0 ? null : (long)((Int128)totals.Surplus * 1_000 / totals.Traded));
            }
        }
    }

    private static IEnumerable<ForecastReport> Forecasts(MarketRun run)
    {
        foreach (var kind in Enum.GetValues<ForecastKind>())
        {
            var errors = run.Forecasts.ErrorsOf(kind);
            if (errors.Count > 0)
            {
                yield return new ForecastReport(
                    FieldName.Of(kind), errors.Count, errors.MeanAbsolute, errors.RootMeanSquare, errors.Bias);
            }
        }
    }

    private static IEnumerable<FaultReport> Faults(MarketRun run)
    {
        var applied = run.Faults.Applied;
        foreach (var fault in run.Scenario.Faults)
        {
            var homes = applied.FirstOrDefault(other => ReferenceEquals(other.Fault, fault)).Homes ?? [];
            var hasBegun = fault.FromEpoch < run.Epoch;
            yield return new FaultReport(
                FieldName.Of(fault.Kind), fault.IsOfMarketMode && hasBegun,
                hasBegun || !fault.IsOfMarketMode ? Note(fault.Kind) : "the run ended before it",
                [.. homes.Select(static home => home + 1)],
                homes.Sum(home => run.Totals[home].Unpaid), homes.Sum(home => run.Totals[home].FalseClaims));
        }
    }

    private static string Note(FaultKind kind) => kind switch
    {
        FaultKind.OfflineMeter => "does not trade; the utility bills its registers",
        FaultKind.CheatingMeter => "readings refused: does not trade, and its export is not paid",
        _ => "ignored: market mode has no messages; stack mode executes it",
    };

    private static long Most(IReadOnlyList<EpochRow> rows, Func<EpochRow, long> of) =>
        rows.Count == 0 ? 0 : rows.Max(of);

    private static decimal Kw(long epochWh) => epochWh * 4 / 1_000m;

    private static decimal Co2(long energyWh, Scenario scenario) =>
        Math.Round(energyWh * (decimal)scenario.Co2GramsPerKwh / 1_000_000, 3);
}
