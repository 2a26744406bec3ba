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

        internal Guid[] Orders => [BuyOrder, SellOrder];
    }

    /// <summary>
    /// The chain has settled it, and says for how much. The second time changes nothing. A trade of other terms than
    /// ours is none of ours.
    /// </summary>
    internal static async Task CompleteAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        TradeExecuted executed,
        string signature,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (executed.SettlementId > long.MaxValue)
        {
            return;
        }

        var trade = await transaction.FirstOrDefaultAsync<Trade>(
            """
            with before as (
                select id, status from settlements
                where number = @number and energy_wh * @baseUnits = @amount and status <> 'completed'
                for update),
            done as (
                update settlements s
                set status = 'completed', value_ugrx = @value, fee_ugrx = @fee, tx_signature = @signature,
                    failure = null, completed_at = greatest(s.created_at, @now)
                from before where s.id = before.id
                returning s.match_id, before.status = 'failed' as had_failed)
            update matches m set tx_signature = @signature
            from done where m.id = done.match_id
            returning m.id as match_id, m.zone, m.epoch, m.energy_wh, m.buy_order, m.sell_order, done.had_failed
            """,
            new
            {
                number = (long)executed.SettlementId,
                baseUnits = (decimal)WattHours.GridBaseUnitsPerWh,
                amount = (decimal)executed.Amount,
                value = checked((long)executed.Value),
                fee = checked((long)executed.Fee),
                signature,
                now,
            },
            cancellationToken);
        if (trade is null)
        {
            return;
        }

        // An order that is settled whole is closed by the chain itself.
        _ = await OrderQueries.LockAsync(transaction, trade.Orders, cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update orders
            set settled_wh = settled_wh + @EnergyWh,
                failed_wh = failed_wh - case when @HadFailed then @EnergyWh else 0 end,
                status = case when settled_wh + @EnergyWh = energy_wh then 'settled' else status end,
                reason = case when settled_wh + @EnergyWh = energy_wh then null else reason end,
                escrow = case when settled_wh + @EnergyWh = energy_wh then 'closed' else escrow end
            where id = any(@Orders)
            """,
            new { trade.EnergyWh, trade.HadFailed, trade.Orders },
            cancellationToken);
        await MatchEffectRecords.SettleAsync(transaction, outbox, trade.MatchId, now, cancellationToken);
        _ = await AcrossRecords.DecideAsync(transaction, trade.MatchId, isSettled: true, cancellationToken);
        await DecideAsync(transaction, outbox, trade, now, cancellationToken);
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
        _ = await AcrossRecords.DecideAsync(transaction, trade.MatchId, isSettled: false, cancellationToken);
        await LockRelease.ReduceAsync(transaction, trade.SellOrder, trade.EnergyWh, cancellationToken);
        await DecideAsync(transaction, outbox, trade, now, cancellationToken);
        return true;
    }

    /// <summary>
    /// An order that was filled, but not settled whole, has ended now that all its matches are decided.
    /// </summary>
    private static async Task DecideAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        Trade trade,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        _ = await transaction.ExecuteAsync(
            """
            update orders
            set status = 'cancelled', reason = coalesce(reason, @reason),
                closed_at = coalesce(closed_at, greatest(created_at, @now))
            where id = any(@Orders) and status = 'filled' and failed_wh > 0 and settled_wh + failed_wh = filled_wh
            """,
            new { trade.Orders, reason = OrderReason.SettlementFailed, now },
            cancellationToken);
        await OrderRelease.ReleaseAsync(transaction, outbox, trade.Orders, cancellationToken);
        await SettleEpochAsync(transaction, trade, cancellationToken);
    }

    /// <summary>
    /// The epoch is locked before its settlements are counted: of two processes with the last two settlements the later
    /// one sees both.
    /// </summary>
    private static async Task SettleEpochAsync(
        NpgsqlTransaction transaction, Trade trade, CancellationToken cancellationToken)
    {
        _ = await transaction.ExecuteAsync(
            "select from epochs where zone = @Zone and number = @Epoch for no key update", trade, cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update epochs e set status = 'settled'
            where zone = @Zone and number = @Epoch and status = 'cleared' and not exists (
                select from settlements s where s.zone = e.zone and s.epoch = e.number and s.status = 'pending')
            """,
            trade,
            cancellationToken);
    }
}
