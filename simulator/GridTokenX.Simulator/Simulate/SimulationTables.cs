using GridTokenX.Community.Reports;
using Spectre.Console;

namespace GridTokenX.Simulator.Simulate;

/// <summary>What a terminal shows of simulations.</summary>
internal static class SimulationTables
{
    public static Table Ready()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("scenario", "homes", "days", "what it shows");
        foreach (var name in ScenarioFiles.Ready())
        {
            var scenario = ScenarioFiles.Load(ScenarioFiles.PathOf(name));
            table.AddRow(
                Markup.Escape(name), Count(scenario.Homes), Count(scenario.Days),
                Markup.Escape(scenario.Description));
        }

        return table;
    }

    public static Table Summary(RunReport report)
    {
        var (energy, market) = (report.EnergyWh, report.Market);
        var table = new Table().Border(TableBorder.Simple).HideHeaders().AddColumns("", "");
        void Row(string name, string value) => table.AddRow(Markup.Escape(name), Markup.Escape(value));
        Row("generation", ReportPage.Kwh(energy.Pv + energy.Wind));
        Row("consumption", ReportPage.Kwh(energy.Load + energy.Vehicle + energy.Climate));
        Row("traded", $"{ReportPage.Kwh(market.TradedWh)} in {Count(market.Trades)} trades");
        Row("mean price", $"{ReportPage.Price(market.MeanPrice)} GRX/kWh");
        Row("welfare reached", ReportPage.Percent(market.WelfareShare));
        Row("volume reached", ReportPage.Percent(market.VolumeShare));
        Row("self-sufficiency", $"{ReportPage.Percent(report.SelfSufficiency.Alone)} alone, "
            + $"{ReportPage.Percent(report.SelfSufficiency.Traded)} with the market");
        Row("bills", $"{Grx(report.Bills.WithoutMarket)} GRX alone, {Grx(report.Bills.WithMarket)} with the market");
        Row("energy and money", "conserved in every quarter hour");
        return table;
    }

    public static Table Compared(IEnumerable<ComparedFigure> figures)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "unit", "A", "B", "B − A");
        foreach (var figure in figures)
        {
            table.AddRow(
                Markup.Escape(figure.Name), figure.Unit, Comparison.Text(figure.First),
                Comparison.Text(figure.Second), Comparison.Text(figure.Change));
        }

        return table;
    }

    private static string Grx(long micro) => Plot.Number(ReportPlots.Grx(micro));

    private static string Count(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
