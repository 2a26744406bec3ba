using System.Globalization;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Reports;

/// <summary>The plots of one report.</summary>
internal static class ReportPlots
{
    public static IEnumerable<string> Energy(RunReport report)
    {
        var series = report.Series;
        var labels = Labels(report);
        yield return Plot.OfLines("Energy", "kW", Bucket(series), labels,
        [
            .. Any("PV", 4, series.Pv, filled: true),
            .. Any("wind", 3, series.Wind, filled: true),
            new Line("consumption", 1, Of(series.Consumption)),
            new Line("traded", 2, Of(series.Traded)),
        ]);
        yield return Plot.OfLines("At the community's connection", "kW", Bucket(series), labels,
        [
            new Line("import", 6, Of(series.CommunityImport), Filled: true),
            new Line("export", 3, Of(series.CommunityExport), Filled: true),
        ]);
        if (series.Stored.Any(static stored => stored > 0))
        {
            yield return Plot.OfLines("In all batteries", "kWh", string.Empty, labels,
                [new Line("stored", 5, Of(series.Stored), Filled: true)]);
        }

        yield return Plot.OfLines("Load duration", "kW",
            "Power that is exceeded in this share of the time; below zero the community exports.",
            [.. Enumerable.Range(0, 101).Select(static percent => $"{percent} %")],
            [
                new Line("community", 1, Of(report.Duration.Community)),
                new Line("all meters' imports", 2, Of(report.Duration.Homes), Dashed: true),
            ]);
        yield return Plot.OfBars("Peak power", "kW", "The largest quarter hour.",
            ["all meters' imports", "community's import", "community's export"],
            [
                new Line("peak", 1,
                [
                    report.PeakKw.HomesImport, report.PeakKw.CommunityImport, report.PeakKw.CommunityExport,
                ]),
            ]);
        yield return Plot.OfLines("Mean day", "kW", "Hour by hour, the mean of all days.",
            [.. Enumerable.Range(0, 24).Select(static hour => $"{hour:00}:00")],
            [
                new Line("generation", 4, Of(report.MeanDay.Generation), Filled: true),
                new Line("consumption", 1, Of(report.MeanDay.Consumption)),
                new Line("traded", 2, Of(report.MeanDay.Traded)),
            ]);
    }

    public static IEnumerable<string> Market(RunReport report)
    {
        var series = report.Series;
        var labels = Labels(report);
        yield return Plot.OfLines("Price", "GRX/kWh",
            "The market's mean price, its lowest and highest as a band, between the utility's two prices.", labels,
            [
                new Line("market", 1, series.Price),
                new Line("retail", 6, Of(series.Retail), Dashed: true),
                new Line("feed-in", 3, Of(series.FeedIn), Dashed: true),
            ],
            (series.PriceLow, series.PriceHigh));
        yield return Plot.OfLines("Depth", "kW", "What was bid for and offered, and what of it traded.", labels,
        [
            new Line("bids", 1, Of(series.Bids)),
            new Line("asks", 4, Of(series.Asks)),
            new Line("traded", 2, Of(series.Traded), Filled: true),
        ]);
        yield return Plot.OfLines("Welfare", "share of the most possible",
            "By the homes' own valuations, within zones; no value where nobody could gain.", labels,
            [new Line("reached", 3, series.WelfareShare)]);
        yield return Plot.OfLines("Price of the mean day", "GRX/kWh", string.Empty,
            [.. Enumerable.Range(0, 24).Select(static hour => $"{hour:00}:00")],
            [new Line("market", 1, report.MeanDay.Price)]);
    }

    /// <summary>At the hour in which most was offered, and at the one in which most was wanted.</summary>
    public static IEnumerable<string> Curves(RunReport report)
    {
        var curves = report.Curves;
        static int Most(IReadOnlyList<IReadOnlyList<decimal>> sides, Func<IReadOnlyList<decimal>, decimal> of) =>
            Enumerable.Range(0, sides.Count).MaxBy(hour => of(sides[hour]));
        int[] hours =
        [
            Most(curves.Supply, static supply => supply[^1]), Most(curves.Demand, static demand => demand[0]),
        ];
        foreach (var hour in hours.Distinct())
        {
            yield return Plot.OfLines(
                string.Create(CultureInfo.InvariantCulture, $"Demand and supply from {hour:00}:00 to {hour + 1:00}:00"),
                "kW",
                "What homes would buy or sell at each price, GRX/kWh, by their own valuations: the mean of all days.",
                [.. curves.Price.Select(static price => price.ToString("0.00", CultureInfo.InvariantCulture))],
                [
                    new Line("demand", 1, Of(curves.Demand[hour])),
                    new Line("supply", 4, Of(curves.Supply[hour])),
                ]);
        }
    }

    public static IEnumerable<string> People(RunReport report)
    {
        yield return Plot.OfBars("Bills of the run", "GRX", "Above zero is paid, below zero is earned; per home.",
            [.. report.Bills.Groups.Select(static group => group.Group)],
            [
                new Line("utility alone", 6, Bills(report, static group => group.WithoutMarket)),
                new Line("with the market", 3, Bills(report, static group => group.WithMarket)),
            ]);
        yield return Plot.OfBars("Savings", "GRX a home", "By decile of homes: 0 saved least, 100 saved most.",
            [.. Enumerable.Range(0, 11).Select(static decile => $"{decile * 10}")],
            [new Line("saved", 3, [.. report.Bills.SavingDeciles.Select(static ugrx => (decimal?)Grx(ugrx))])]);
        yield return Plot.OfBars("Self-sufficiency and self-consumption", "%",
            "Alone: each home by itself, no market. Traded: with what the market brought. Community: the most any can.",
            ["self-sufficiency", "self-consumption"],
            [
                new Line("alone", 4, Shares(report, static share => share.Alone)),
                new Line("traded", 2, Shares(report, static share => share.Traded)),
                new Line("community", 1, Shares(report, static share => share.Community)),
            ]);
        yield return Plot.OfBars("Carbon dioxide of the grid's electricity", "kg", string.Empty,
            ["CO2"],
            [
                new Line("without the market", 6, [report.Co2Kg.WithoutMarket]),
                new Line("with the market", 3, [report.Co2Kg.WithMarket]),
            ]);
    }

    public static IReadOnlyList<string> Labels(RunReport report)
    {
        var bucket = report.Series.BucketEpochs;
        var start = report.Run.Start.ToDateTime(TimeOnly.MinValue);
        var form = bucket switch
        {
            1 => "HH:mm",
            < EpochTime.PerDay => "d MMM HH:mm",
            _ => "d MMM",
        };
        return [.. Enumerable.Range(0, report.Series.Pv.Count)
            .Select(i => start.AddMinutes(15.0 * bucket * i).ToString(form, CultureInfo.InvariantCulture))];
    }

    public static decimal Grx(long micro) => Math.Round(micro / 1_000_000m, 2);

    public static IReadOnlyList<decimal?> Of(IReadOnlyList<decimal> values) =>
        [.. values.Select(static value => (decimal?)value)];

    private static IEnumerable<Line> Any(string name, int color, IReadOnlyList<decimal> values, bool filled) =>
        values.Any(static value => value > 0) ? [new Line(name, color, Of(values), filled)] : [];

    private static decimal?[] Bills(RunReport report, Func<GroupBill, long> of) =>
        [.. report.Bills.Groups.Select(group => (decimal?)Math.Round(Grx(of(group)) / group.Homes, 2))];

    private static decimal?[] Shares(RunReport report, Func<SharesReport, decimal?> of) =>
        [Percent(of(report.SelfSufficiency)), Percent(of(report.SelfConsumption))];

    private static decimal? Percent(decimal? share) => share is null ? null : Math.Round(share.Value * 100, 1);

    private static string Bucket(SeriesReport series) => series.BucketEpochs switch
    {
        1 => "Quarter hours.",
        4 => "Means of an hour.",
        _ => "Means of a day.",
    };
}
