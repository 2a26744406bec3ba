using System.Collections.Concurrent;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Web;

/// <summary>
/// How a zone's homes are, as sums: of a single home nothing is said but the name of who has sold, which the order book
/// shows anyway. Anybody may ask, so a zone is counted at most once in some seconds, and one at a time.
/// </summary>
internal sealed class NeighbourhoodQuery(NpgsqlDataSource database, TimeProvider marketTime, WallTime wall)
    : IDisposable
{
    private const int MaxKept = 1_000;
    private const int MaxSellers = 12;
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, (NeighbourhoodView View, DateTimeOffset Until)> _kept =
        new(StringComparer.Ordinal);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    private sealed record Counts(
        int Meters, int MetersRead, int Producing, WattHours Produced, WattHours Consumed, int? SocPermille);

    private sealed record Seller(string Name, WattHours Sold, bool Producing);

    /// <summary>Null for a zone without meters in which nobody has ever traded.</summary>
    internal async Task<NeighbourhoodView?> ReadAsync(string zone, CancellationToken cancellationToken)
    {
        if (Kept(zone) is { } kept)
        {
            return kept;
        }

        if (!await database.FirstOrDefaultAsync<bool>(
            """
            select exists (select 1 from epochs where zone = @zone) or exists (select 1 from meters where zone = @zone)
            """,
            new { zone },
            cancellationToken))
        {
            return null;
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return Kept(zone) ?? await CountAsync(zone, cancellationToken);
        }
        finally
        {
            _ = _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private NeighbourhoodView? Kept(string zone) =>
        _kept.TryGetValue(zone, out var found) && found.Until > wall.UtcNow ? found.View : null;

    private async Task<NeighbourhoodView> CountAsync(string zone, CancellationToken cancellationToken)
    {
        const string Latest =
            """
            with latest as (
                select m.owner_id, r.*
                from meters m
                left join lateral (
                    select count(*) = 2 and max(ended_at) > @now - @Fresh as is_read,
                           max(production_wh) - min(production_wh) as produced,
                           max(consumption_wh) - min(consumption_wh) as consumed,
                           (array_agg(soc_permille order by sequence desc))[1] as soc
                    from (select * from readings where device = m.device order by sequence desc limit 2) two) r on true
                where m.zone = @zone and m.revoked_at is null)
            """;
        var now = marketTime.GetUtcNow();
        var counts = await database.FirstOrDefaultAsync<Counts>(
            Latest + """
            select count(*)::int as meters, (count(*) filter (where is_read))::int as meters_read,
                   (count(*) filter (where is_read and produced > 0))::int as producing,
                   coalesce(sum(produced) filter (where is_read), 0)::bigint as produced,
                   coalesce(sum(consumed) filter (where is_read), 0)::bigint as consumed,
                   (avg(soc) filter (where is_read and soc <> 65535))::int as soc_permille
            from latest
            """,
            new { zone, now, Fresh },
            cancellationToken);
        var sellers = await database.QueryAsync<Seller>(
            Latest + """
            select u.name, sum(m.energy_wh)::bigint as sold,
                   exists (select 1 from latest l where l.owner_id = u.id and l.is_read and l.produced > 0) as producing
            from epochs e
            join matches m on m.zone = e.zone and m.epoch = e.number
            join orders s on s.id = m.sell_order
            join users u on u.id = s.owner_id
            where e.zone = @zone and e.ends_at > @since
            group by u.id, u.name order by sold desc, u.name limit @MaxSellers
            """,
            new { zone, now, Fresh, since = now.AddDays(-1), MaxSellers },
            cancellationToken);
        var view = new NeighbourhoodView(
            zone,
            now,
            counts!.Meters,
            counts.MetersRead,
            counts.Producing,
            counts.Produced.ToKwh(),
            counts.Consumed.ToKwh(),
            counts.SocPermille,
            [.. sellers.Select(static s => new NeighbourhoodSeller(s.Name, s.Sold.ToKwh(), s.Producing))]);
        if (_kept.Count >= MaxKept)
        {
            _kept.Clear();
        }

        _kept[zone] = (view, wall.UtcNow + KeptFor);
        return view;
    }
}
