using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Pricing;

/// <summary>How a zone's market stands, and how it stood.</summary>
internal sealed class MarketDataQuery(NpgsqlDataSource database, MarketRules market)
{
    /// <summary>The list that a cursor of the history belongs to.</summary>
    internal const string Bars = "bars";

    private sealed record Level(string Side, PricePerKwh Price, WattHours Energy, long Orders);

    private sealed record Day
    {
        public required PricePerKwh? Average { get; init; }

        public required PricePerKwh? High { get; init; }

        public required PricePerKwh? Low { get; init; }

        public required WattHours Volume { get; init; }

        public required long Trades { get; init; }
    }

    private sealed record Last(PricePerKwh Price, DateTimeOffset MatchedAt);

    private sealed record Bar
    {
        public required long Number { get; init; }

        public required DateTimeOffset StartsAt { get; init; }

        public required string Status { get; init; }

        public required PricePerKwh Open { get; init; }

        public required PricePerKwh High { get; init; }

        public required PricePerKwh Low { get; init; }

        public required PricePerKwh Close { get; init; }

        public required PricePerKwh Average { get; init; }

        public required WattHours Volume { get; init; }

        public required long Trades { get; init; }

        internal PriceBarView ToView() => new(
            Number,
            StartsAt,
            Status,
            Open.ToGrx(),
            High.ToGrx(),
            Low.ToGrx(),
            Close.ToGrx(),
            Average.ToGrx(),
            Volume.ToKwh(),
            Trades);
    }

    /// <summary>Null when no meter is in the zone.</summary>
    internal async Task<MarketData?> ReadAsync(
        string zone, int levels, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var known = await database.QueryAsync<int>(
            "select 1 from meters where zone = @zone limit 1", new { zone }, cancellationToken);
        if (known.Count == 0)
        {
            return null;
        }

        var rules = market.Of(zone);
        var epoch = MarketEpoch.At(now);
        var depth = await DepthAsync(zone, now, cancellationToken);
        var day = await DayAsync(zone, now, cancellationToken);
        var last = await LastAsync(zone, cancellationToken);
        var price = rules.AreConditional ? await ZonePrices.FindAsync(database, zone, now, cancellationToken) : null;
        var (bids, asks) = (SideOf(depth, "buy"), SideOf(depth, "sell"));
        return new MarketData(
            zone,
            now,
            rules.RuleName,
            epoch.Number,
            epoch.End,
            last?.Price.ToGrx(),
            last?.MatchedAt,
            day.Average?.ToGrx(),
            day.High?.ToGrx(),
            day.Low?.ToGrx(),
            day.Volume.ToKwh(),
            day.Trades,
            Indicative(rules, price, bids, asks),
            price is null ? null : View(price),
            rules.Band.FeedIn?.ToGrx(),
            rules.Band.Retail?.ToGrx(),
            Levels(bids, levels),
            Levels(asks, levels));
    }

    internal async Task<PriceHistoryPage> HistoryAsync(
        string zone,
        DateTimeOffset from,
        DateTimeOffset to,
        long before,
        int limit,
        CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync<Bar>(
            """
            select e.number, e.starts_at, e.status, t.open, t.high, t.low, t.close, t.average, t.volume, t.trades
            from epochs e
            cross join lateral (
                select (array_agg(price order by sequence))[1] as open, max(price) as high, min(price) as low,
                       (array_agg(price order by sequence desc))[1] as close,
                       div(sum(energy_wh * price::numeric), sum(energy_wh))::bigint as average,
                       sum(energy_wh)::bigint as volume, count(*) as trades
                from matches where zone = e.zone and epoch = e.number
                having count(*) > 0) t
            where e.zone = @zone and e.starts_at >= @from and e.starts_at < @to and e.number < @before
            order by e.number desc
            limit @limit
            """,
            new { zone, from, to, before, limit = limit + 1 },
            cancellationToken);
        var page = rows.Take(limit).ToList();
        return new PriceHistoryPage(
            page.ConvertAll(static row => row.ToView()),
            rows.Count > limit ? Cursor.Of(Bars, page[^1].Number) : null);
    }

    private Task<IReadOnlyList<Level>> DepthAsync(
        string zone, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.QueryAsync<Level>(
            """
            select side, limit_price as price, sum(energy_wh - filled_wh)::bigint as energy, count(*) as orders
            from orders
            where zone = @zone and status in ('active', 'partially_filled') and expires_at > @now
              and target_order is null
            group by side, limit_price
            """,
            new { zone, now },
            cancellationToken);

    private async Task<Day> DayAsync(string zone, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await database.QueryAsync<Day>(
            """
            select div(sum(energy_wh * price::numeric), sum(energy_wh))::bigint as average, max(price) as high,
                   min(price) as low, coalesce(sum(energy_wh), 0)::bigint as volume, count(*) as trades
            from matches where zone = @zone and epoch >= @first and matched_at > @since
            """,
            new { zone, first = MarketEpoch.At(now.AddDays(-1)).Number, since = now.AddDays(-1) },
            cancellationToken))[0];

    private Task<Last?> LastAsync(string zone, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<Last>(
            """
            select price, matched_at from matches where zone = @zone order by epoch desc, sequence desc limit 1
            """,
            new { zone },
            cancellationToken);

    private static List<DepthLevel> SideOf(IReadOnlyList<Level> depth, string side)
    {
        var levels = depth
            .Where(level => level.Side == side)
            .Select(static level => new DepthLevel(level.Price, level.Energy, checked((int)level.Orders)));
        return side == "buy"
            ? [.. levels.OrderByDescending(static level => level.Price)]
            : [.. levels.OrderBy(static level => level.Price)];
    }

    private static IndicativeAuction? Indicative(
        ZoneRules rules, ZonePriceRow? price, List<DepthLevel> bids, List<DepthLevel> asks)
    {
        if (rules.AreConditional && (price is null || (rules.HasGate && !price.GateOpen)))
        {
            return null;
        }

        var least = rules.Price is null ? null : price?.Price;
        return UniformPrice.Of([.. bids.TakeWhile(bid => !(bid.Price < least))], asks) is { } auction
            ? new IndicativeAuction(auction.Price.ToGrx(), auction.Volume.ToKwh(), auction.Imbalance.ToKwh())
            : null;
    }

    private static List<PriceLevel> Levels(List<DepthLevel> levels, int most) =>
    [
        .. levels.Take(most).Select(static level =>
            new PriceLevel(level.Price.ToGrx(), level.Energy.ToKwh(), level.Orders)),
    ];

    private static DynamicPriceView View(ZonePriceRow row) => new(
        row.Price?.ToGrx(),
        row.Since,
        row.GateOpen,
        row.SocPermille,
        row.SocFactor,
        row.LoadFactor,
        row.TimeFactor);
}
