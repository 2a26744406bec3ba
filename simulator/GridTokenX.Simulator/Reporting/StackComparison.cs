using System.Globalization;
using GridTokenX.Community.Reports;

namespace GridTokenX.Simulator.Reporting;

/// <summary>Two runs on real parts side by side.</summary>
internal static class StackComparison
{
    private const decimal MicroGrxPerGrx = 1_000_000;

    /// <summary>Its cost is most of what a match costs on chain.</summary>
    private const string Settlement = "settle_match";

    public static IReadOnlyList<ComparedFigure> Figures(DemoReport first, DemoReport second)
    {
        ComparedFigure Both(string name, string unit, Func<DemoReport, decimal?> of) =>
            new(name, unit, of(first), of(second));
        return
        [
            Both("homes", "", static report => report.Homes),
            Both("simulated", "h", static report => report.SimulatedSeconds / 3_600m),
            Both("readings accepted", "", static report => report.Readings.Accepted),
            Both("readings lost", "", static report => report.Readings.Lost),
            Both("produced", "kWh", static report => report.Energy.ProducedWh / 1_000m),
            Both("consumed", "kWh", static report => report.Energy.ConsumedWh / 1_000m),
            Both("minted as GRID", "kWh", static report => report.Energy.MintedWh / 1_000m),
            Both("orders to sell", "", static report => report.Orders.Sell),
            Both("orders to buy", "", static report => report.Orders.Buy),
            Both("trades", "", static report => report.Matches),
            Both("traded for", "GRX", static report => report.Settlements.ValueUgrx / MicroGrxPerGrx),
            Both("fees", "GRX", static report => report.Settlements.FeeUgrx / MicroGrxPerGrx),
            Both("welfare reached", "%", static report => report.Market.WelfareRatio * 100),
            Both("volume reached", "%", static report => report.Market.VolumeRatio * 100),
            Both("settlements on chain", "", static report => report.Settlements.Completed),
            Both("locks acknowledged", "", static report => report.Locks.Acknowledged),
            Both("transactions on chain", "", static report => report.Chain.Transactions),
            Both("compute units of a settlement", "", static report =>
                report.Chain.ComputeUnits.TryGetValue(Settlement, out var units) ? units : null),
            Both("it took", "s", static report => report.WallSeconds),
        ];
    }

    /// <summary>What the two runs were not given alike; empty when only chance and machine could differ.</summary>
    public static IReadOnlyList<string> Inputs(DemoReport first, DemoReport second)
    {
        var (a, b) = (first.Scenario?.Sha256 ?? string.Empty, second.Scenario?.Sha256 ?? string.Empty);
        (bool Differs, FormattableString What)[] inputs =
        [
            (a != b, $"scenario files differ: {Comparison.Hash(a)} and {Comparison.Hash(b)}"),
            (first.Seed != second.Seed, $"seeds differ: {first.Seed} and {second.Seed}"),
            (first.Command != second.Command, $"commands differ: {first.Command} and {second.Command}"),
            (IsDisturbed(first) != IsDisturbed(second),
                $"only {(IsDisturbed(first) ? "A" : "B")} has its scenario's faults"),
            (first.Problems.Count > 0, $"A did not hold: {string.Join("; ", first.Problems)}"),
            (second.Problems.Count > 0, $"B did not hold: {string.Join("; ", second.Problems)}"),
        ];
        return
        [
            .. inputs.Where(static input => input.Differs)
                .Select(static input => input.What.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    public static string Page(DemoReport first, DemoReport second)
    {
        var (a, b) = (NameOf(first, "A"), NameOf(second, "B"));
        return new Page($"{TitleOf(first)} and {TitleOf(second)}")
            .Lead($"A: {first.Command}")
            .Lead($"B: {second.Command}")
            .SideBySide(a, b, Inputs(first, second), Figures(first, second), Plots(first, second, a, b));
    }

    private static IEnumerable<string> Plots(DemoReport first, DemoReport second, string a, string b)
    {
        yield return Plot.OfBars("Energy", "kWh", "", ["produced", "consumed", "minted"],
            [new Line(a, 1, Energies(first.Energy)), new Line(b, 2, Energies(second.Energy))]);
        List<string> phases =
        [
            .. first.Phases.Concat(second.Phases)
                .GroupBy(static phase => phase.Key, StringComparer.Ordinal)
                .OrderByDescending(static phase => phase.Max(static part => part.Value))
                .Select(static phase => phase.Key),
        ];
        yield return Plot.OfBars("Where the time went", "s", "By the wall clock.", phases,
            [new Line(a, 1, Seconds(first, phases)), new Line(b, 2, Seconds(second, phases))]);
    }

    private static decimal?[] Energies(EnergyReport energy) =>
        [.. new[] { energy.ProducedWh, energy.ConsumedWh, energy.MintedWh }.Select(static wh => wh / 1_000m)];

    private static decimal?[] Seconds(DemoReport report, IEnumerable<string> phases) =>
        [.. phases.Select(phase => (decimal?)Math.Round(report.Phases.GetValueOrDefault(phase), 1))];

    private static bool IsDisturbed(DemoReport report) => report.Faults.Any(static fault => fault.Played);

    private static string TitleOf(DemoReport report) => report.Scenario?.Name ?? "Demo";

    private static string NameOf(DemoReport report, string letter) => string.Create(
        CultureInfo.InvariantCulture, $"{letter}: {TitleOf(report)}, seed {report.Seed}");
}
