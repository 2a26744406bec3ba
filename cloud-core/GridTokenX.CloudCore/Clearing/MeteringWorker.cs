using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>
/// Counts what each zone's meters measured in an epoch, once the readings have had time to arrive. A meter counts when
/// it was read at the epoch's start and at its end, each within half an interval of the quarter hour: a register is
/// known at its readings only.
/// </summary>
internal sealed class MeteringWorker(NpgsqlDataSource database, MarketRules market, TimeProvider marketTime)
    : IMarketWorker
{
    private const int BatchSize = 50;

    public string Name => "meter_epochs";

    public int Order => 45;

    public TimeSpan Interval => TimeSpan.FromSeconds(30);

    public Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = marketTime.GetUtcNow();
        return database.TransactAsync(
            unit => unit.Transaction.ExecuteAsync(
                """
                with due as (
                    select zone, number, starts_at, ends_at from epochs
                    where metered_at is null and ends_at <= @latest and status in ('cleared', 'settled')
                    order by ends_at, zone limit @BatchSize
                    for no key update skip locked),
                counted as (
                    select d.zone, d.number, count(*) as meters, count(r.production) as meters_read,
                           coalesce(sum(r.production), 0)::bigint as production,
                           coalesce(sum(r.consumption), 0)::bigint as consumption
                    from due d
                    join meters m on m.zone = d.zone and m.registered_at < d.ends_at
                    left join lateral (
                        select ending.production_wh - starting.production_wh as production,
                               ending.consumption_wh - starting.consumption_wh as consumption
                        from (select sequence, production_wh, consumption_wh from readings
                              where device = m.device and ended_at <= d.ends_at + @half
                                and ended_at > d.ends_at - @half
                              order by abs(extract(epoch from ended_at - d.ends_at)), sequence limit 1) ending
                        join lateral (
                              select production_wh, consumption_wh from readings
                              where device = m.device and sequence < ending.sequence
                                and ended_at <= d.starts_at + @half and ended_at > d.starts_at - @half
                              order by abs(extract(epoch from ended_at - d.starts_at)), sequence limit 1) starting
                            on true) r on true
                    group by d.zone, d.number)
                update epochs e
                set metered_at = @now, production_wh = c.production, consumption_wh = c.consumption,
                    meters = coalesce(c.meters, 0), meters_read = coalesce(c.meters_read, 0)
                from due d left join counted c on c.zone = d.zone and c.number = d.number
                where e.zone = d.zone and e.number = d.number
                """,
                new
                {
                    now,
                    latest = now - market.Options.MeteringGrace,
                    half = MarketEpoch.Length / 2,
                    BatchSize,
                },
                cancellationToken),
            cancellationToken);
    }
}
