using System.Globalization;

namespace GridTokenX.Community.Reports;

/// <summary>A run's report for people.</summary>
internal static class ReportPage
{
    public static string Of(RunReport report)
    {
        var run = report.Run;
        var page = new Page(run.Scenario).Lead(run.Description).Lead(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Homes} homes, {run.Epochs} quarter hours from {run.Start:yyyy-MM-dd}, {run.Mode} mode, "
            + $"seed {run.Seed}, GridTokenX {run.Version}."));
        if (!run.Complete)
        {
            page.Warning(string.Create(
                CultureInfo.InvariantCulture,
                $"The run was stopped: the report covers {run.Epochs} of {run.Days * 96} quarter hours."));
        }

        return page
            .Tiles(Tiles(report))
            .Section("Energy").Plots(ReportPlots.Energy(report))
            .Section("Market").Plots([.. ReportPlots.Market(report), .. ReportPlots.Curves(report)])
            .Section("Homes").Plots(ReportPlots.People(report))
            .Section("Agents").Table(
                ["agent", "homes", "offered", "traded", "share", "surplus", "surplus a kWh"], Agents(report))
            .Section("Forecasts")
            .Table(["forecast", "epochs × homes", "MAE, Wh", "RMSE, Wh", "bias, Wh"], Forecasts(report))
            .Note("Of a home's net energy in the next quarter hour, its battery aside; a bias above zero expected more "
                + "surplus than came.")
            .Section("Faults").Table(["fault", "applied", "homes", "what happened"], Faults(report))
            .Section("On chain").Note(OnChain(report.Chain))
            .Section("Proof").Note(Proof(report))
            .Section("Repeat it").Code(run.Command)
            .Note("The same scenario, seed and version give the same report to the byte, on any machine.")
            .Table(["file", "SHA-256"], Files(run))
            .End();
    }

    public static string Percent(decimal? share) =>
        share is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{share.Value * 100:0.0} %");

    public static string Kwh(long wh) => $"{Plot.Number(wh / 1_000m)} kWh";

    public static string Price(long? micro) =>
        micro is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{micro.Value / 1_000_000m:0.000}");

    private static IEnumerable<(string Value, string Name)> Tiles(RunReport report)
    {
        var (market, bills) = (report.Market, report.Bills);
        yield return (Kwh(market.TradedWh), $"traded in {market.Trades} trades");
        yield return (Price(market.MeanPrice), "mean price, GRX/kWh");
        yield return (Percent(market.WelfareShare), "of the most welfare possible");
        yield return (Percent(report.SelfSufficiency.Traded), "self-sufficiency with the market");
        yield return (Percent(report.SelfConsumption.Traded), "self-consumption with the market");
        yield return (
            $"{Plot.Number(ReportPlots.Grx(bills.WithoutMarket - bills.WithMarket))} GRX", "saved by all homes");
        yield return (
            $"{Plot.Number(report.PeakKw.CommunityImport)} kW",
            $"peak import of the community; without the market {Plot.Number(report.PeakKw.ImportWithoutMarket)} kW");
        yield return (
            $"{Plot.Number(report.Co2Kg.WithoutMarket - report.Co2Kg.WithMarket)} kg", "CO2 less from the grid");
    }

    private static IEnumerable<IReadOnlyList<string>> Agents(RunReport report) => report.Agents.Select(
        static IReadOnlyList<string> (agent) =>
        [
            agent.Agent, Count(agent.Homes), Kwh(agent.OfferedWh), Kwh(agent.TradedWh), Percent(agent.TradedShare),
            $"{Plot.Number(ReportPlots.Grx(agent.SurplusUgrx))} GRX", Price(agent.SurplusPerKwh),
        ]);

    private static IEnumerable<IReadOnlyList<string>> Forecasts(RunReport report) => report.Forecasts.Select(
        static IReadOnlyList<string> (forecast) =>
        [
            forecast.Forecast, Count(forecast.Count), Count(forecast.Mae), Count(forecast.Rmse), Count(forecast.Bias),
        ]);

    private static IEnumerable<IReadOnlyList<string>> Faults(RunReport report) => report.Faults.Count == 0
        ? [["none", "–", "–", "–"]]
        : report.Faults.Select(static IReadOnlyList<string> (fault) =>
        [
            fault.Kind,
            fault.Applied ? "yes" : "no",
            fault.Homes.Count == 0 ? "–" : string.Join(", ", fault.Homes),
            fault.FalseClaimsWh > 0
                ? $"{fault.Note}; claimed {Kwh(fault.FalseClaimsWh)} too much, {Kwh(fault.UnpaidWh)} unpaid"
                : fault.Note,
        ]);

    private static IEnumerable<IReadOnlyList<string>> Files(RunIdentity run) =>
        run.Profiles.Select(static IReadOnlyList<string> (file) => [file.File, file.Sha256])
            .Prepend(["scenario", run.ScenarioSha256.Length > 0 ? run.ScenarioSha256 : "–"]);

    private static string OnChain(ChainReport chain) => string.Create(
        CultureInfo.InvariantCulture,
        $"An estimate: {chain.Orders} escrows, {chain.Withdrawals} withdrawals, {chain.Settlements} settlements and "
        + $"{chain.Mints} mints would take {chain.Transactions} transactions, {Plot.Number(chain.ComputeUnits)} "
        + $"compute units and {chain.Lamports / 1_000_000_000m:0.######} SOL in fees (an escrow or withdrawal a "
        + $"transaction, three settlements, mints of nine meters; one signature each). Giving back what expired "
        + $"orders hold, registrations and rent are not in it.");

    private static string Proof(RunReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"After each of {report.Conservation.EpochsProven} quarter hours: in every home and in the community what ")
        + "came in is what went out, to the watt-hour; all accounts (homes, utility, fees, grid) sum to zero, "
        + "to the µGRX.";

    private static string Count<T>(T number)
        where T : notnull => string.Create(CultureInfo.InvariantCulture, $"{number}");

    private static string Count(decimal? number) =>
        number is null ? "–" : number.Value.ToString(CultureInfo.InvariantCulture);
}
