using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>
/// Keeps the epochs of every zone that has a meter of a verified owner: the present one active, the next one pending,
/// and every quarter hour since the zone's last epoch, or since its first meter. After a standstill of more than a day
/// only the last day is filled in: a quarter hour without a row had no market.
/// </summary>
internal static class EpochSchedule
{
    private const int MaxBackfill = 96;

    /// <summary>How many epochs were created or have begun.</summary>
    internal static Task<int> AdvanceAsync(
        NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var present = MarketEpoch.At(now);
        return database.TransactAsync(
            async unit =>
            {
                var created = await unit.Transaction.ExecuteAsync(
                    """
                    insert into epochs (zone, number, starts_at, ends_at, status)
                    select zone, to_char(start at time zone 'UTC', 'YYYYMMDDHH24MI')::bigint, start, start + @length,
                           case when start > @present then 'pending' else 'active' end
                    from (
                        select m.zone, coalesce(
                            (select e.ends_at from epochs e where e.zone = m.zone and e.number <= @number
                             order by e.number desc limit 1),
                            to_timestamp(floor(extract(epoch from min(m.registered_at)) / @seconds) * @seconds))
                                as first
                        from meters m join users u on u.id = m.owner_id
                        where u.verified
                        group by m.zone) zones
                    cross join generate_series(greatest(first, @earliest), @next, @length) as start
                    order by zone, start
                    on conflict do nothing
                    """,
                    new
                    {
                        number = present.Number,
                        present = present.Start,
                        next = present.Next.Start,
                        earliest = present.Start - (MarketEpoch.Length * MaxBackfill),
                        length = MarketEpoch.Length,
                        seconds = (long)MarketEpoch.Length.TotalSeconds,
                    },
                    cancellationToken);
                var begun = await unit.Transaction.ExecuteAsync(
                    "update epochs set status = 'active' where status = 'pending' and starts_at <= @now",
                    new { now },
                    cancellationToken);
                return created + begun;
            },
            cancellationToken);
    }
}
