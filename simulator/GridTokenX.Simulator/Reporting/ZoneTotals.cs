using System.Globalization;

namespace GridTokenX.Simulator.Reporting;

/// <summary>What each zone came to, and what the links between them carried, lost and cost.</summary>
internal static class ZoneTotals
{
    private const long Million = 1_000_000;
    private const int PriceDecimals = 6;

    /// <summary>Null where there is one zone.</summary>
    public static IReadOnlyList<ZoneReport>? Of(Books books)
    {
        var zones = books.Homes.GroupBy(static home => home.Plan.Zone).ToList();
        return zones.Count < 2
            ? null
            : [.. zones.Select(zone => Zone(zone.Key, [.. zone], books)).OrderBy(
                static zone => zone.Zone, StringComparer.Ordinal)];
    }

    /// <summary>Null where there is one zone.</summary>
    public static IReadOnlyList<LinkReport>? LinksOf(Books books) =>
        books.Homes.Select(static home => home.Plan.Zone).Distinct(StringComparer.Ordinal).Count() < 2
            ? null
            : [.. books.Links.Select(static link => new LinkReport(
                link.From, link.To, link.Matches, link.SentWh, link.LostWh, link.ValueUgrx, link.WheelingUgrx))];

    /// <summary>
    /// What the cloud core says of the links, counted again by their terms: each match may lose less than 1 Wh more,
    /// and cost less than 1 µGRX less, than the rates say. All of it is owed by now.
    /// </summary>
    public static IEnumerable<string> Problems(Books books)
    {
        var effects = books.Cloud.Effects;
        foreach (var link in books.Links)
        {
            var name = $"from {link.From} to {link.To}";
            if (link.Terms is not { } terms)
            {
                yield return Text($"{link.Matches} matches {name}, where there is no link");
                continue;
            }

            var lost = ((Int128)link.LostWh * Million) - ((Int128)link.SentWh * terms.LossPpm);
            if (lost < 0 || lost > (Int128)link.Matches * Million)
            {
                yield return Text($"{link.LostWh} of {link.SentWh} Wh are lost in {link.Matches} matches {name}, at ")
                    + Text($"{terms.LossPpm} ppm");
            }

            var rounded = ((link.SentWh - link.LostWh) * terms.WheelingPrice * 1_000) - link.WheelingUgrx;
            if (rounded < 0 || rounded > link.Matches)
            {
                yield return Text(
                    $"{link.WheelingUgrx} µGRX are owed for {link.SentWh - link.LostWh} Wh {name}, at ")
                    + Text($"{terms.WheelingPrice} GRX per kWh");
            }
        }

        var (matches, lostWh, wheeling) = (
            books.Links.Sum(static link => link.Matches),
            books.Links.Sum(static link => link.LostWh),
            books.Links.Sum(static link => link.WheelingUgrx));
        if (books.Links.Count > 0
            && (matches, lostWh, wheeling) != (effects.AcrossMatches, effects.LostWh, effects.WheelingDueUgrx))
        {
            yield return Text($"links carried {matches} matches, lost {lostWh} Wh and cost {wheeling} µGRX, but ")
                + Text($"{effects.AcrossMatches} matches, {effects.LostWh} Wh and {effects.WheelingDueUgrx} µGRX are ")
                + "settled";
        }
    }

    private static ZoneReport Zone(string zone, IReadOnlyList<HomeBooks> homes, Books books)
    {
        var epochs = books.Epochs.Where(epoch => epoch.Zone == zone).ToList();
        var sold = epochs.Sum(static epoch => epoch.VolumeKwh);
        var value = epochs.Sum(static epoch => epoch.VolumeKwh * (epoch.ClearingPrice ?? 0));
        var soldWh = (long)(sold * 1_000);
        return new ZoneReport(
            zone,
            homes.Count,
            homes.Sum(static home => home.ProducedWh),
            homes.Sum(static home => home.ConsumedWh),
            homes.Sum(static home => home.MintedWh),
            soldWh,
            epochs.Sum(static epoch => (long)epoch.Trades),
            sold == 0 ? null : Math.Round(value / sold, PriceDecimals),
            soldWh
                - books.Links.Where(link => link.From == zone).Sum(static link => link.SentWh)
                + books.Links.Where(link => link.To == zone).Sum(static link => link.SentWh - link.LostWh));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
