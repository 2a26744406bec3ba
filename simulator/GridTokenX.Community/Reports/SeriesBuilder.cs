using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Reports;

/// <summary>A run's epochs, gathered for plots.</summary>
internal static class SeriesBuilder
{
    private const int Hours = 24;

    public static SeriesReport Series(IReadOnlyList<EpochRow> rows, int days)
    {
        var bucket = days switch { <= 2 => 1, <= 21 => 4, _ => EpochTime.PerDay };
        var buckets = rows.Chunk(bucket).ToArray();
        decimal[] Power(Func<EpochRow, long> of) => [.. buckets.Select(part => Kw(part.Sum(of), part.Length))];
        decimal[] Tariff(Func<EpochRow, long> of) => [.. buckets.Select(part => Grx((long)part.Average(of)))];
        decimal?[] Traded(Func<IEnumerable<EpochRow>, long> of) =>
            [.. buckets.Select(part => part.Where(static row => row.Trades > 0).ToArray() is { Length: > 0 } traded
                ? Grx(of(traded))
                : (decimal?)null)];
        return new SeriesReport
        {
            BucketEpochs = bucket,
            Pv = Power(static row => row.Pv),
            Wind = Power(static row => row.Wind),
            Consumption = Power(static row => row.Consumption),
            CommunityImport = Power(static row => row.CommunityImport),
            CommunityExport = Power(static row => row.CommunityExport),
            Traded = Power(static row => row.Traded),
            Bids = Power(static row => row.Bids),
            Asks = Power(static row => row.Asks),
            Stored = [.. buckets.Select(static part => part[^1].Stored / 1_000m)],
            Price = Traded(MeanPrice),
            PriceLow = Traded(static part => part.Min(static row => row.PriceLow)),
            PriceHigh = Traded(static part => part.Max(static row => row.PriceHigh)),
            Retail = Tariff(static row => row.Retail),
            FeedIn = Tariff(static row => row.FeedIn),
            WelfareShare = [.. buckets.Select(static part => Market.Fairness.Ratio.Of(
                part.Sum(static row => row.Welfare), part.Sum(static row => row.WelfareMost)))],
        };
    }

    public static MeanDayReport MeanDay(IReadOnlyList<EpochRow> rows)
    {
        var hours = Enumerable.Range(0, Hours)
            .Select(hour => rows.Where((_, epoch) => epoch % EpochTime.PerDay / 4 == hour).ToArray())
            .ToArray();
        decimal[] Power(Func<EpochRow, long> of) => [.. hours.Select(part => Kw(part.Sum(of), part.Length))];
        return new MeanDayReport(
            Power(static row => row.Generation), Power(static row => row.Consumption),
            Power(static row => row.Traded),
            [.. hours.Select(static part => part.Any(static row => row.Traded > 0)
                ? Grx(MeanPrice(part))
                : (decimal?)null)]);
    }

    public static CurvesReport Curves(ValuationCurves curves, long epochs)
    {
        var hours = Enumerable.Range(0, Hours).ToArray();

        // Of the hours that were played: the last day may have been stopped in the middle.
        int Played(int hour) => (int)((epochs / EpochTime.PerDay * 4)
            + Math.Clamp((epochs % EpochTime.PerDay) - (hour * 4), 0, 4));
        decimal[] Power(long[] energies, int hour) => [.. energies.Select(energy => Kw(energy, Played(hour)))];
        return new CurvesReport(
            [.. curves.PriceSteps.Select(Grx)],
            [.. hours.Select(hour => Power(curves.Demand(hour), hour))],
            [.. hours.Select(hour => Power(curves.Supply(hour), hour))]);
    }

    public static DurationReport Duration(IReadOnlyList<EpochRow> rows) => new(
        Exceeded(rows, static row => row.Import - row.Export), Exceeded(rows, static row => row.Import));

    private static decimal[] Exceeded(IReadOnlyList<EpochRow> rows, Func<EpochRow, long> of)
    {
        var falling = rows.Select(of).OrderDescending().ToArray();
        return falling.Length == 0
            ? []
            : [.. Enumerable.Range(0, 101).Select(percent => Kw(falling[percent * (falling.Length - 1) / 100], 1))];
    }

    private static long MeanPrice(IEnumerable<EpochRow> rows)
    {
        Int128 value = 0;
        Int128 energy = 0;
        foreach (var row in rows)
        {
            value += row.Value;
            energy += row.Traded + row.LinkLosses;
        }

        return energy == 0 ? 0 : (long)(value * 1_000 / energy);
    }

    private static decimal Kw(long energyWh, int epochs) =>
        epochs == 0 ? 0 : Math.Round(energyWh * 4 / (1_000m * epochs), 3);

    private static decimal Grx(long micro) => Math.Round(micro / 1_000_000m, 4);
}
