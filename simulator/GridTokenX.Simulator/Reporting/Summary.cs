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
        var (energy, orders, locks) = (report.Energy, report.Orders, report.Locks);
        return table
            .AddRow("simulated", Text($"{report.Homes} homes, {report.SimulatedSeconds / 3600m:0.#} h"))
            .AddRow("took", Text($"{report.WallSeconds} s"))
            .AddRow("readings", Text($"{report.Readings.Accepted} accepted, {report.Readings.Lost} lost"))
            .AddRow("energy", Text($"{Kwh(energy.ProducedWh)} produced, {Kwh(energy.ConsumedWh)} consumed"))
            .AddRow("minted", Text($"{Kwh(energy.MintedWh)} as GRID"))
            .AddRow("orders", Text($"{orders.Sell} to sell, {orders.Buy} to buy"))
            .AddRow("  became", Text($"{orders.Filled} filled, {orders.PartiallyFilled} filled in part"))
            .AddRow("  or", Text($"{orders.Cancelled} cancelled, {orders.Expired} expired"))
            .AddRow("trades", Text($"{report.Matches}, worth {Grx(report.Settlements.ValueUgrx)}"))
            .AddRow("settled", Text($"{report.Settlements.Completed} on chain, {report.Settlements.Failed} failed"))
            .AddRow("fees", Grx(report.Settlements.FeeUgrx))
            .AddRow("locks", Text($"{locks.Acknowledged} of {locks.Sent} acknowledged, {locks.Released} released"))
            .AddRow("chain", Text($"{report.Chain.Transactions} transactions, {report.Chain.Failed} failed"))
            .AddRow("GRID conserved", Mark(report.Conservation.GridOk))
            .AddRow("GRX conserved", Mark(report.Conservation.GrxOk))
            .AddRow("books = chain", Mark(report.Conservation.DatabaseMatchesChain))
            .AddRow("welfare", Share(report.Market.WelfareRatio))
            .AddRow("volume", Share(report.Market.VolumeRatio));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Kwh(long wh) => Text($"{wh / 1_000m:0.000} kWh");

    private static string Grx(long ugrx) => Text($"{ugrx / 1_000_000m:0.000000} GRX");

    private static string Mark(bool holds) => holds ? "[green]yes[/]" : "[red]NO[/]";

    private static string Share(decimal? ratio) =>
        ratio is null ? "–" : Text($"{ratio * 100:0.0} % of the most possible");
}
