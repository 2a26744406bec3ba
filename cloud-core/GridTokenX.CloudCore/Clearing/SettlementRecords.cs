using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.CrossZone;
using GridTokenX.CloudCore.Effects;
using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>What becomes of a settlement, its match, its two orders and its epoch.</summary>
internal static class SettlementRecords
{
    private sealed record Trade
    {
        public required Guid MatchId { get; init; }

        public required string Zone { get; init; }

        public required long Epoch { get; init; }

        public required long EnergyWh { get; init; }

        public required Guid BuyOrder { get; init; }

        public required Guid SellOrder { get; init; }

        /// <summary>Of a completed one: it had been given up before.</summary>
        public bool HadFailed { get; init; }

        /// <summary>Among those that were completed together.</summary>
        public long Position { get; init; }

        internal Guid[] Orders => [BuyOrder, SellOrder];
    }

    /// <summary>
    /// The chain has settled them, and says for how much. The second time changes nothing. A trade of other terms than
    /// ours is none of ours.
    /// </summary>
    /// <param name="transaction">In which the events are stored.</param>
    /// <param name="outbox">For what follows.</param>
    /// <param name="executed">In the order of the chain, each with its transaction's signature.</param>
    /// <param name="now">Market time.</param>
    /// <param name="cancellationToken">Of the caller.</param>
    internal static async Task CompleteAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        IEnumerable<(TradeExecuted Trade, string Signature)> executed,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var told = executed
            .Where(static one => one.Trade.SettlementId <= long.MaxValue)
            .DistinctBy(static one => (one.Trade.SettlementId, one.Trade.Amount))
            .ToArray();
        var trades = told.Length == 0 ? [] : await CompletedAsync(transaction, told, now, cancellationToken);
        if (trades.Count == 0)
        {
            return;
        }

        await CountAsync(transaction, trades, cancellationToken);
        var matches = trades.Select(static trade => trade.MatchId).ToArray();
        await MatchEffectRecords.SettleAsync(transaction, outbox, matches, now, cancellationToken);
        _ = await AcrossRecords.DecideAsync(transaction, matches, isSettled: true, cancellationToken);
        await DecideAsync(transaction, outbox, trades, now, cancellationToken);
    }

    private static async Task<IReadOnlyList<Trade>> CompletedAsync(
        NpgsqlTransaction transaction,
        (TradeExecuted Trade, string Signature)[] told,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var trades = await transaction.QueryAsync<Trade>(
            """
            with before as (
                select s.id, s.status, t.value, t.fee, t.signature, t.position
                from unnest(@numbers, @amounts, @values, @fees, @signatures) with ordinality
                    as t (number, amount, value, fee, signature, position)
                join settlements s on s.number = t.number
                where s.energy_wh * @baseUnits = t.amount and s.status <> 'completed'
                order by s.number for update of s),
            done as (
                update settlements s
                set status = 'completed', value_ugrx = b.value, fee_ugrx = b.fee, tx_signature = b.signature,
                    failure = null, completed_at = greatest(s.created_at, @now)
                from before b where s.id = b.id
                returning s.match_id, b.signature, b.position, b.status = 'failed' as had_failed)
            update matches m set tx_signature = done.signature
            from done where m.id = done.match_id
            returning m.id as match_id, m.zone, m.epoch, m.energy_wh, m.buy_order, m.sell_order, done.had_failed,
                done.position
            """,
            new
            {
                numbers = Array.ConvertAll(told, static one => (long)one.Trade.SettlementId),
                amounts = Array.ConvertAll(told, static one => (decimal)one.Trade.Amount),
                values = Array.ConvertAll(told, static one => checked((long)one.Trade.Value)),
                fees = Array.ConvertAll(told, static one => checked((long)one.Trade.Fee)),
                signatures = Array.ConvertAll(told, static one => one.Signature),
                baseUnits = (decimal)WattHours.GridBaseUnitsPerWh,
                now,
            },
            cancellationToken);
        return [.. trades.OrderBy(static trade => trade.Position)];
    }

    /// <summary>An order that is settled whole is closed by the chain itself.</summary>
    private static async Task CountAsync(
        NpgsqlTransaction transaction, IReadOnlyList<Trade> trades, CancellationToken cancellationToken)
    {
        var counted = trades
            .SelectMany(static trade => trade.Orders.Select(order => (Order: order, Trade: trade)))
            .ToArray();
        _ = await OrderQueries.LockAsync(transaction, OrdersOf(trades), cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update orders o
            set settled_wh = settled_wh + c.energy, failed_wh = failed_wh - c.failed_before,
                status = case when settled_wh + c.energy = energy_wh then 'settled' else status end,
                reason = case when settled_wh + c.energy = energy_wh then null else reason end,
                escrow = case when settled_wh + c.energy = energy_wh then 'closed' else escrow end
            from (
                select id, sum(energy)::bigint as energy, sum(failed_before)::bigint as failed_before
                from unnest(@orders, @energies, @failures) as each (id, energy, failed_before) group by id) c
            where o.id = c.id
            """,
            new
            {
                orders = Array.ConvertAll(counted, static one => one.Order),
                energies = Array.ConvertAll(counted, static one => one.Trade.EnergyWh),
                failures = Array.ConvertAll(counted, static one => one.Trade.HadFailed ? one.Trade.EnergyWh : 0),
            },
            cancellationToken);
    }

    /// <summary>
    /// The chain will never settle it. Its energy counts as failed in both orders: it is not matched again, and comes
    /// back when they are released. The seller's device no longer holds it. False when it was decided before.
    /// </summary>
    internal static async Task<bool> FailAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        Guid settlement,
        string failure,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var trade = await transaction.FirstOrDefaultAsync<Trade>(
            """
            with failed as (
                update settlements set status = 'failed', failure = @failure
                where id = @settlement and status = 'pending'
                returning match_id)
            update matches m set tx_signature = 'failed_' || m.id
            from failed where m.id = failed.match_id
            returning m.id as match_id, m.zone, m.epoch, m.energy_wh, m.buy_order, m.sell_order, false as had_failed
            """,
            new { settlement, failure },
            cancellationToken);
        if (trade is null)
        {
            return false;
        }

        _ = await OrderQueries.LockAsync(transaction, trade.Orders, cancellationToken);
        _ = await transaction.ExecuteAsync(
            "update orders set failed_wh = failed_wh + @EnergyWh where id = any(@Orders)",
            new { trade.EnergyWh, trade.Orders },
            cancellationToken);
        _ = await MatchEffectRecords.VoidAsync(transaction, trade.MatchId, now, cancellationToken);
        _ = await AcrossRecords.DecideAsync(transaction, [trade.MatchId], isSettled: false, cancellationToken);
        await LockRelease.ReduceAsync(transaction, trade.SellOrder, trade.EnergyWh, cancellationToken);
        await DecideAsync(transaction, outbox, [trade], now, cancellationToken);
        return true;
    }

    private static Guid[] OrdersOf(IEnumerable<Trade> trades) =>
        [.. trades.SelectMany(static trade => trade.Orders).Distinct()];

    /// <summary>
    /// An order that was filled, but not settled whole, has ended now that all its matches are decided.
    /// </summary>
    private static async Task DecideAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        IReadOnlyList<Trade> trades,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var orders = OrdersOf(trades);
        _ = await transaction.ExecuteAsync(
            """
            update orders
            set status = 'cancelled', reason = coalesce(reason, @reason),
                closed_at = coalesce(closed_at, greatest(created_at, @now))
            where id = any(@orders) and status = 'filled' and failed_wh > 0 and settled_wh + failed_wh = filled_wh
            """,
            new { orders, reason = OrderReason.SettlementFailed, now },
            cancellationToken);
        await OrderRelease.ReleaseAsync(transaction, outbox, orders, cancellationToken);
        await SettleEpochsAsync(
            transaction, [.. trades.Select(static trade => (trade.Zone, trade.Epoch)).Distinct()], cancellationToken);
    }

    /// <summary>
    /// The epochs are locked before their settlements are counted: of two processes with the last two settlements the
    /// later one sees both.
    /// </summary>
    private static async Task SettleEpochsAsync(
        NpgsqlTransaction transaction, (string Zone, long Number)[] epochs, CancellationToken cancellationToken)
    {
        var named = new
        {
            zones = Array.ConvertAll(epochs, static epoch => epoch.Zone),
            numbers = Array.ConvertAll(epochs, static epoch => epoch.Number),
        };
        _ = await transaction.ExecuteAsync(
            """
            select from epochs where (zone, number) in (select * from unnest(@zones, @numbers))
            order by zone, number for no key update
            """,
            named,
            cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update epochs e set status = 'settled'
            where (zone, number) in (select * from unnest(@zones, @numbers)) and status = 'cleared' and not exists (
                select from settlements s where s.zone = e.zone and s.epoch = e.number and s.status = 'pending')
            """,
            named,
            cancellationToken);
    }
}
