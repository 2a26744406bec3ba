using System.Globalization;
using Spectre.Console;

namespace GridTokenX.Simulator.Reporting;

/// <summary>What a person reads at the end.</summary>
internal static class Summary
{
    public static void Write(IAnsiConsole console, DemoReport report)
    {
        console.WriteLine();
        console.Write(Totals(report));
        foreach (var problem in report.Problems)
        {
            console.MarkupLineInterpolated($"[red]Does not hold:[/] {problem}");
        }

        if (report.Problems.Count == 0)
        {
            console.MarkupLine("[green]Every check held:[/] nothing lost, nothing doubled, the books match the chain.");
        }
    }

    private static Table Totals(DemoReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("what").AddColumn("how much");
        return table
            .AddRow("simulated", Text($"{report.Homes} homes, {report.SimulatedSeconds / 3600m:0.#} h in {report.WallSeconds} s"))
            .AddRow("readings", Text($"{report.Readings.Accepted} accepted, {report.Readings.Lost} lost"))
            .AddRow(
                "energy",
                Text($"{Kwh(report.Energy.ProducedWh)} produced, {Kwh(report.Energy.ConsumedWh)} consumed, ")
                + Text($"{Kwh(report.Energy.MintedWh)} minted as GRID"))
            .AddRow(
                "orders",
                Text($"{report.Orders.Sell} to sell, {report.Orders.Buy} to buy: {report.Orders.Filled} filled, ")
                + Text($"{report.Orders.PartiallyFilled} in part, {report.Orders.Cancelled} cancelled, ")
                + Text($"{report.Orders.Expired} expired"))
            .AddRow("trades", Text($"{report.Matches} in {report.Epochs.Cleared} epochs, worth {Grx(report.Settlements.ValueUgrx)}"))
            .AddRow(
                "settlements",
                Text($"{report.Settlements.Completed} on chain, {report.Settlements.Failed} failed, ")
                + Text($"fees {Grx(report.Settlements.FeeUgrx)}"))
            .AddRow(
                "locks",
                Text($"{report.Locks.Sent} sent, {report.Locks.Acknowledged} acknowledged, {report.Locks.Released} released, ")
                + Text($"{report.Locks.Rejected} refused by the device"))
            .AddRow("chain", Text($"{report.Chain.Transactions} transactions, {report.Chain.Failed} failed"))
            .AddRow(
                "conserved",
                $"GRID {Mark(report.Conservation.GridOk)}  GRX {Mark(report.Conservation.GrxOk)}  "
                + $"database = chain {Mark(report.Conservation.DatabaseMatchesChain)}")
            .AddRow("market", $"welfare {Share(report.Market.WelfareRatio)}, volume {Share(report.Market.VolumeRatio)} of the most possible");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Kwh(long wh) => Text($"{wh / 1_000m:0.000} kWh");

    private static string Grx(long ugrx) => Text($"{ugrx / 1_000_000m:0.000000} GRX");

    private static string Mark(bool holds) => holds ? "[green]yes[/]" : "[red]NO[/]";

    private static string Share(decimal? ratio) => ratio is null ? "–" : Text($"{ratio * 100:0.0} %");
}
