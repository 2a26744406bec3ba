using System.Globalization;

namespace GridTokenX.Community.Reports;

internal sealed record ComparedFigure(string Name, string Unit, decimal? First, decimal? Second)
{
    /// <summary>From the first to the second run; null when one of them has no value.</summary>
    public decimal? Change => Second - First;
}

/// <summary>Two runs side by side.</summary>
internal static class Comparison
{
    public static IReadOnlyList<ComparedFigure> Figures(RunReport first, RunReport second)
    {
        ComparedFigure Both(string name, string unit, Func<RunReport, decimal?> of) =>
            new(name, unit, of(first), of(second));
        return
        [
            Both("homes", "", static report => report.Run.Homes),
            Both("quarter hours", "", static report => report.Run.Epochs),
            Both("generation", "kWh", static report => (report.EnergyWh.Pv + report.EnergyWh.Wind) / 1_000m),
            Both("consumption", "kWh", static report =>
                (report.EnergyWh.Load + report.EnergyWh.Vehicle + report.EnergyWh.Climate) / 1_000m),
            Both("traded", "kWh", static report => report.Market.TradedWh / 1_000m),
            Both("traded across zones", "kWh", static report => report.Market.TradedAcrossWh / 1_000m),
            Both("trades", "", static report => report.Market.Trades),
            Both("mean price", "GRX/kWh", static report => report.Market.MeanPrice / 1_000_000m),
            Both("fees", "GRX", static report => report.Market.FeesUgrx / 1_000_000m),
            Both("welfare reached", "%", static report => report.Market.WelfareShare * 100),
            Both("volume reached", "%", static report => report.Market.VolumeShare * 100),
            Both("bills without the market", "GRX", static report => report.Bills.WithoutMarket / 1_000_000m),
            Both("bills with the market", "GRX", static report => report.Bills.WithMarket / 1_000_000m),
            Both("self-sufficiency, traded", "%", static report => report.SelfSufficiency.Traded * 100),
            Both("self-sufficiency, community", "%", static report => report.SelfSufficiency.Community * 100),
            Both("self-consumption, traded", "%", static report => report.SelfConsumption.Traded * 100),
            Both("peak import of the community", "kW", static report => report.PeakKw.CommunityImport),
            Both("peak import without the market", "kW", static report => report.PeakKw.ImportWithoutMarket),
            Both("peak export of the community", "kW", static report => report.PeakKw.CommunityExport),
            Both("CO2 with the market", "kg", static report => report.Co2Kg.WithMarket),
            Both("battery losses", "kWh", static report => report.EnergyWh.Losses / 1_000m),
            Both("transactions on chain", "", static report => report.Chain.Transactions),
        ];
    }

    /// <summary>What the two runs were not given alike; empty when only chance and machine could differ.</summary>
    public static IReadOnlyList<string> Inputs(RunReport first, RunReport second)
    {
        var (a, b) = (first.Run, second.Run);
        var said = new List<string>();
        void Differs(bool differs, string what)
        {
            if (differs)
            {
                said.Add(what);
            }
        }

        Differs(a.Version != b.Version, $"versions differ: {a.Version} and {b.Version}");
        Differs(
            a.ScenarioSha256 != b.ScenarioSha256,
            $"scenario files differ: {Hash(a.ScenarioSha256)} and {Hash(b.ScenarioSha256)}");
        foreach (var file in a.Profiles.Concat(b.Profiles).Select(static file => file.File)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (left, right) = (HashOf(a, file), HashOf(b, file));
            Differs(left != right, $"{file} differs: {Hash(left)} and {Hash(right)}");
        }

        Differs(a.Seed != b.Seed, string.Create(
            CultureInfo.InvariantCulture, $"seeds differ: {a.Seed} and {b.Seed}"));
        Differs(a.Complete != b.Complete, $"{(a.Complete ? "B" : "A")} was stopped before its end");
        return said;
    }

    private static string HashOf(RunIdentity run, string file) =>
        run.Profiles.FirstOrDefault(other => other.File == file)?.Sha256 ?? string.Empty;

    /// <summary>As much of it as tells files apart.</summary>
    public static string Hash(string sha256) => sha256.Length == 0 ? "none" : sha256[..Math.Min(12, sha256.Length)];

    public static string Page(RunReport first, RunReport second)
    {
        var (a, b) = (NameOf(first, "A"), NameOf(second, "B"));
        return new Page($"{first.Run.Scenario} and {second.Run.Scenario}")
            .Lead($"A: {first.Run.Command}")
            .Lead($"B: {second.Run.Command}")
            .SideBySide(a, b, Inputs(first, second), Figures(first, second), Plots(first, second, a, b));
    }

    /// <summary>The rest of a page of two runs, to its end.</summary>
    /// <param name="page">Its head.</param>
    /// <param name="a">The first run's name.</param>
    /// <param name="b">The second one's.</param>
    /// <param name="inputs">What they were not given alike.</param>
    /// <param name="figures">Of both.</param>
    /// <param name="plots">Of both.</param>
    public static string SideBySide(
        this Page page,
        string a,
        string b,
        IEnumerable<string> inputs,
        IEnumerable<ComparedFigure> figures,
        IEnumerable<string> plots)
    {
        foreach (var difference in inputs)
        {
            page.Note(difference);
        }

        return page
            .Section("Figures")
            .Table(["", "unit", a, b, "B − A"], figures.Select(
                static IReadOnlyList<string> (figure) =>
                [
                    figure.Name, figure.Unit, Text(figure.First), Text(figure.Second),
                    figure.Change > 0 ? $"+{Text(figure.Change)}" : Text(figure.Change),
                ]))
            .Section("Plots")
            .Plots(plots)
            .End();
    }

    public static string Text(decimal? value) => value is null ? "–" : Plot.Number(Math.Round(value.Value, 3));

    private static IEnumerable<string> Plots(RunReport first, RunReport second, string a, string b)
    {
        string[] hours = [.. Enumerable.Range(0, 24).Select(static hour => $"{hour:00}:00")];
        string[] percents = [.. Enumerable.Range(0, 101).Select(static percent => $"{percent} %")];
        static Line Of(string name, int color, IReadOnlyList<decimal> values) =>
            new(name, color, ReportPlots.Of(values), Dashed: color == 2);
        yield return Plot.OfLines("Consumption of the mean day", "kW", "", hours,
            [Of(a, 1, first.MeanDay.Consumption), Of(b, 2, second.MeanDay.Consumption)]);
        yield return Plot.OfLines("Generation of the mean day", "kW", "", hours,
            [Of(a, 1, first.MeanDay.Generation), Of(b, 2, second.MeanDay.Generation)]);
        yield return Plot.OfLines("Traded on the mean day", "kW", "", hours,
            [Of(a, 1, first.MeanDay.Traded), Of(b, 2, second.MeanDay.Traded)]);
        yield return Plot.OfLines("Price of the mean day", "GRX/kWh", "", hours,
            [new Line(a, 1, first.MeanDay.Price), new Line(b, 2, second.MeanDay.Price, Dashed: true)]);
        yield return Plot.OfLines("Load duration of the community", "kW", "", percents,
            [Of(a, 1, first.Duration.Community), Of(b, 2, second.Duration.Community)]);
        yield return Plot.OfBars("Shares", "%", "", ["welfare", "volume", "self-sufficiency", "self-consumption"],
        [
            new Line(a, 1, Shares(first)),
            new Line(b, 2, Shares(second)),
        ]);
    }

    private static decimal?[] Shares(RunReport report) =>
    [
        Rounded(report.Market.WelfareShare), Rounded(report.Market.VolumeShare),
        Rounded(report.SelfSufficiency.Traded), Rounded(report.SelfConsumption.Traded),
    ];

    private static decimal? Rounded(decimal? share) => share is null ? null : Math.Round(share.Value * 100, 1);

    private static string NameOf(RunReport report, string letter) => string.Create(
        CultureInfo.InvariantCulture, $"{letter}: {report.Run.Scenario}, seed {report.Run.Seed}");
}
