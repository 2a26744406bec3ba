using GridTokenX.CloudCore.Effects;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Fairness;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.Report;

/// <summary>Counts everything at one instant of the database.</summary>
internal sealed class OperatorReportQuery(NpgsqlDataSource database, TimeProvider time)
{
    private sealed record Rejection(string Code, long Count);

    internal Task<OperatorReport> ReadAsync(CancellationToken cancellationToken) => database.TransactAsync(
        async unit => new OperatorReport(
            await ReadingsAsync(unit.Transaction, cancellationToken),
            await OneAsync<EnergyTotals>(
                unit.Transaction,
                """
                select coalesce(sum(production_wh), 0)::bigint as produced_wh,
                       coalesce(sum(consumption_wh), 0)::bigint as consumed_wh,
                       coalesce(sum(production_wh - consumption_wh), 0)::bigint as net_wh,
                       (select coalesce(sum(to_net_wh - from_net_wh), 0)::bigint from mints
                        where status = 'completed') as minted_wh,
                       (select coalesce(sum((event->>'amount')::numeric), 0)::bigint from chain_events
                        where kind = 'tokens_retired') as retired_grid
                from meters
                """,
                cancellationToken),
            await OneAsync<OrderTotals>(
                unit.Transaction,
                """
                select count(*) filter (where side = 'sell') as sell, count(*) filter (where side = 'buy') as buy,
                       count(*) filter (where filled_wh = energy_wh) as filled,
                       count(*) filter (where filled_wh between 1 and energy_wh - 1) as partially_filled,
                       count(*) filter (where status = 'cancelled') as cancelled,
                       count(*) filter (where status = 'expired') as expired,
                       count(*) filter (where status = 'rejected') as rejected
                from orders
                """,
                cancellationToken),
            await OneAsync<long>(unit.Transaction, "select count(*) from matches", cancellationToken),
            await OneAsync<EpochTotals>(
                unit.Transaction,
                """
                select count(*) filter (where status in ('cleared', 'settled')) as cleared,
                       count(*) filter (where status = 'settled') as settled
                from epochs
                """,
                cancellationToken),
            await OneAsync<SettlementTotals>(
                unit.Transaction,
                """
                select count(*) filter (where status = 'completed') as completed,
                       count(*) filter (where status = 'failed') as failed,
                       count(*) filter (where status = 'pending') as pending,
                       coalesce(sum(value_ugrx) filter (where status = 'completed'), 0)::bigint as value_ugrx,
                       coalesce(sum(fee_ugrx) filter (where status = 'completed'), 0)::bigint as fee_ugrx
                from settlements
                """,
                cancellationToken),
            await OneAsync<LockTotals>(
                unit.Transaction,
                """
                select count(*) filter (where status = 'queued') as queued, count(*) filter (where ever_sent) as sent,
                       count(*) filter (where ever_acknowledged) as acknowledged,
                       count(*) filter (where status = 'rejected') as rejected,
                       count(*) filter (where status = 'released') as released,
                       count(*) filter (where status = 'expired') as expired
                from device_locks
                """,
                cancellationToken),
            await OneAsync<ChainTotals>(
                unit.Transaction,
                """
                select count(*) filter (where status = 'confirmed') as transactions,
                       count(*) filter (where status in ('parked', 'refused')) as failed,
                       count(*) filter (where status in ('pending', 'sent')) as pending
                from chain_outbox
                """,
                cancellationToken),
            await MarketAsync(unit.Transaction, cancellationToken),
            await EffectQueries.TotalsAsync(unit.Transaction, time.GetUtcNow(), cancellationToken)),
        cancellationToken,
        System.Data.IsolationLevel.RepeatableRead);

    private static async Task<ReadingTotals> ReadingsAsync(
        NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var accepted = await OneAsync<long>(transaction, "select count(*) from readings", cancellationToken);
        var rejected = await transaction.QueryAsync<Rejection>(
            "select code, count from reading_rejections order by code", null, cancellationToken);
        return new ReadingTotals(
            accepted,
            rejected.ToDictionary(static row => row.Code, static row => row.Count, StringComparer.Ordinal));
    }

    private static async Task<MarketTotals> MarketAsync(
        NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var (trades, welfare, welfareMax, volume, volumeMax) =
            await OneAsync<(long, decimal, decimal, decimal, decimal)>(
                transaction,
                """
                select coalesce(sum(trades), 0)::bigint, coalesce(sum(welfare_ugrx), 0),
                       coalesce(sum(welfare_max_ugrx), 0),
                       coalesce(sum(volume_wh), 0) - (
                           select coalesce(sum(a.arriving_wh + a.lost_wh), 0) from matches_across a
                           join epochs e on e.zone = a.from_zone and e.number = a.from_epoch
                           where e.status in ('cleared', 'settled')),
                       coalesce(sum(volume_max_wh), 0)
                from epochs where status in ('cleared', 'settled')
                """,
                cancellationToken);
        return trades == 0
            ? new MarketTotals(null, null)
            : new MarketTotals(Ratio.Of(welfare, welfareMax), Ratio.Of(volume, volumeMax));
    }

    private static async Task<T> OneAsync<T>(
        NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken) =>
        (await transaction.QueryAsync<T>(sql, null, cancellationToken))[0];
}
