using System.Globalization;
using GridTokenX.Community.Reports;
using GridTokenX.Protocol.Api;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Reporting;

/// <summary>The report of a run on real parts for people: one page, nothing is fetched.</summary>
internal static class StackPage
{
    private const decimal QuartersOfAnHour = 4;
    private const decimal MicroGrxPerGrx = 1_000_000;

    /// <summary>Of the page's palette.</summary>
    private const int Colours = 6;

    /// <param name="report">Of a run that was played to its end.</param>
    /// <param name="quarters">Of it.</param>
    public static string Of(DemoReport report, IReadOnlyList<StackQuarter> quarters)
    {
        var page = new Page(report.Scenario?.Name ?? "Demo").Lead(Text(
            $"{report.Homes} homes, {ByTime(quarters).Count} quarter hours from ")
            + Text($"{quarters[0].Start:yyyy-MM-dd HH:mm} UTC, every part real, seed {report.Seed}."));
        foreach (var problem in report.Problems)
        {
            page.Warning(problem);
        }

        page.Tiles(Tiles(report)).Section("Energy and market").Plots(Plots(report, quarters));
        if (report.Scenario is { } scenario)
        {
            page.Section("Otherwise than in market mode").Table(
                ["code", "what"],
                scenario.Notes.Select(static IReadOnlyList<string> (note) => [note.Code, note.Text]));
        }

        if (report is { Zones: { } zones, Links: { } links })
        {
            page.Section("Zones")
                .Table(
                    ["zone", "homes", "produced", "consumed", "minted", "sold", "trades", "mean price", "bought"],
                    zones.Select(Zone))
                .Table(
                    ["from", "to", "trades", "sent", "lost on the way", "paid to sellers", "wheeling owed"],
                    links.Select(Link))
                .Note("Energy of another zone changes hands where it is fed in. The wheeling charge is owed to the "
                    + "grid by its buyers, and is no part of what the chain moved.");
        }

        return page
            .Section("Homes")
            .Table(["meter", "role", "produced", "consumed", "minted", "GRX at the end"], Homes(report))
            .Section("On chain").Table(
                ["instruction", "compute units"],
                report.Chain.ComputeUnits.Select(
                    static IReadOnlyList<string> (row) => [row.Key, Text($"{row.Value}")]))
            .Note(Text($"{report.Chain.Transactions} transactions, {report.Chain.Failed} failed; medians."))
            .Section("Proof").Note(Proof(report))
            .Section("Repeat it").Code(report.Command)
            .Note(Text($"The same command gives the same fingerprint, {report.Fingerprint}; times differ."))
            .End();
    }

    private static IEnumerable<(string Value, string Name)> Tiles(DemoReport report)
    {
        var traded = report.Settlements.ValueUgrx / MicroGrxPerGrx;
        yield return (ReportPage.Kwh(report.Energy.ProducedWh), "produced");
        yield return (ReportPage.Kwh(report.Energy.ConsumedWh), "consumed");
        yield return (ReportPage.Kwh(report.Energy.MintedWh), "minted as GRID");
        yield return (Text($"{report.Matches}"), Text($"trades, worth {Plot.Number(Math.Round(traded, 2))} GRX"));
        yield return (ReportPage.Percent(report.Market.WelfareRatio), "of the most welfare that the orders allowed");
        yield return (Text($"{report.Settlements.Completed}"), "settlements on chain");
        yield return (Text($"{report.Locks.Acknowledged} of {report.Locks.Sent}"), "locks acknowledged by devices");
        yield return (Text($"{report.WallSeconds} s"), "it took");
    }

    /// <summary>The zones of each quarter hour.</summary>
    private static List<StackQuarter[]> ByTime(IReadOnlyList<StackQuarter> quarters) =>
        [.. quarters.GroupBy(static quarter => quarter.Start).Select(static zones => zones.ToArray())];

    private static IEnumerable<string> Plots(DemoReport report, IReadOnlyList<StackQuarter> quarters)
    {
        var times = ByTime(quarters);
        var bucket = (times.Count / Quarter.PerDay) switch { <= 2 => 1, <= 21 => 4, _ => Quarter.PerDay };
        var parts = times.Chunk(bucket)
            .Select(static part => (Times: part.Length, Quarters: part.SelectMany(static zones => zones).ToArray()))
            .ToList();
        var form = bucket switch { 1 => "HH:mm", 4 => "d MMM HH:mm", _ => "d MMM" };
        List<string> labels =
            [.. parts.Select(part => part.Quarters[0].Start.ToString(form, CultureInfo.InvariantCulture))];
        decimal?[] Power(Func<StackQuarter, decimal> kilowattHours) => [.. parts.Select(part =>
            (decimal?)Math.Round(part.Quarters.Sum(kilowattHours) * QuartersOfAnHour / part.Times, 3))];
        yield return Plot.OfLines("Energy", "kW", Times(bucket), labels,
        [
            new Line("produced", 4, Power(static quarter => quarter.ProducedWh / 1_000m), Filled: true),
            new Line("consumed", 1, Power(static quarter => quarter.ConsumedWh / 1_000m)),
            new Line("traded", 2, Power(static quarter => quarter.Market?.VolumeKwh ?? 0)),
        ]);
        yield return Prices(labels, [.. parts.Select(static part => part.Quarters)]);
        var phases = report.Phases.OrderByDescending(static phase => phase.Value).ToList();
        yield return Plot.OfBars("Where the time went", "s", "By the wall clock.",
            [.. phases.Select(static phase => phase.Key)],
            [new Line("seconds", 1, [.. phases.Select(static phase => (decimal?)Math.Round(phase.Value, 1))])]);
    }

    /// <summary>Of several zones a line each, as far as the page has colours.</summary>
    private static string Prices(IReadOnlyList<string> labels, IReadOnlyList<StackQuarter[]> parts)
    {
        var zones = parts[0].Select(static quarter => quarter.Zone).Distinct(StringComparer.Ordinal).ToList();
        if (zones.Count is > 1 and <= Colours)
        {
            return Plot.OfLines("Price", "GRX/kWh", "Of what was sold in each zone.", labels,
                [.. zones.Select((zone, place) => new Line(
                    zone, place + 1,
                    [.. parts.Select(part => MeanPrice(part.Where(quarter => quarter.Zone == zone)))]))]);
        }

        return Plot.OfLines("Price", "GRX/kWh", "Of what traded, with its lowest and highest as a band.", labels,
            [new Line("market", 1, [.. parts.Select(MeanPrice)])],
            ([.. parts.Select(static part => part.Min(static quarter => quarter.Market?.LowPrice))],
                [.. parts.Select(static part => part.Max(static quarter => quarter.Market?.HighPrice))]));
    }

    private static decimal? MeanPrice(IEnumerable<StackQuarter> part)
    {
        var markets = part.Select(static quarter => quarter.Market).OfType<EpochView>().ToList();
        var energy = markets.Sum(static market => market.VolumeKwh);
        return energy == 0
            ? null
            : Math.Round(markets.Sum(static market => market.VolumeKwh * (market.ClearingPrice ?? 0)) / energy, 4);
    }

    private static IReadOnlyList<string> Zone(ZoneReport zone) =>
    [
        zone.Zone, Text($"{zone.Homes}"), ReportPage.Kwh(zone.ProducedWh), ReportPage.Kwh(zone.ConsumedWh),
        ReportPage.Kwh(zone.MintedWh), ReportPage.Kwh(zone.SoldWh), Text($"{zone.Trades}"),
        zone.MeanPrice is null ? "–" : Text($"{zone.MeanPrice:0.000}"), ReportPage.Kwh(zone.BoughtWh),
    ];

    private static IReadOnlyList<string> Link(LinkReport link) =>
    [
        link.From, link.To, Text($"{link.Matches}"), ReportPage.Kwh(link.SentWh), ReportPage.Kwh(link.LostWh),
        Grx(link.ValueUgrx), Grx(link.WheelingUgrx),
    ];

    private static string Grx(long ugrx) => $"{Plot.Number(Math.Round(ugrx / MicroGrxPerGrx, 3))} GRX";

    private static IEnumerable<IReadOnlyList<string>> Homes(DemoReport report) => report.Neighbourhood.Select(
        static IReadOnlyList<string> (home) =>
        [
            home.Meter, home.Role, ReportPage.Kwh(home.ProducedWh), ReportPage.Kwh(home.ConsumedWh),
            ReportPage.Kwh(home.MintedWh), Text($"{home.Ugrx / MicroGrxPerGrx:0.00}"),
        ]);

    private static string Proof(DemoReport report) => report.Problems.Count == 0
        ? "From the programs' accounts on chain: all GRID is energy that was measured, all GRX was granted, every "
            + "order is closed, and the cloud core's books are the chain's, to the base unit."
        : "Not everything held; see above.";

    private static string Times(int bucket) => bucket switch
    {
        1 => "Quarter hours, UTC.",
        4 => "Means of an hour, UTC.",
        _ => "Means of a day.",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
