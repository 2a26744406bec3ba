using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs.Events;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Completes mints when the chain has settled what they stand for, whoever sent the transaction: anybody may let a
/// meter be settled. A refused mint is tried again, and parked in the end; it is never given up.
/// </summary>
internal sealed class MintEffect(TimeProvider time) : IChainEventEffect
{
    public bool Handles(ProgramEvent @event) => @event is MeterBalanceSettled;

    public async Task ApplyAsync(
        UnitOfWork unit, IReadOnlyList<IndexedEvent> events, bool isRoomy, CancellationToken cancellationToken)
    {
        // The chain's totals only grow, so of several the last stands for all.
        var newest = events
            .GroupBy(static indexed => ((MeterBalanceSettled)indexed.Event).MeterId, StringComparer.Ordinal)
            .OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => (MeterId: group.Key, group.Last().Signature, Total: TotalOf(group)))
            .ToList();
        await using var command = new NpgsqlCommand(
            """
            with settled as (
                select * from unnest($1::text[], $2::text[], $3::bigint[]) as s (meter_id, signature, total)),
            locked as (
                select m.meter_id, s.signature, s.total from meters m join settled s using (meter_id)
                order by m.meter_id for no key update of m),
            counted as (
                update meters m
                set chain_settled_wh = greatest(m.chain_settled_wh, l.total),
                    settled_net_wh = greatest(m.settled_net_wh, l.total)
                from locked l where m.meter_id = l.meter_id)
            update mints
            set status = 'completed', tx_signature = l.signature, completed_at = greatest(mints.created_at, $4)
            from locked l
            where mints.meter_id = l.meter_id and mints.status = 'pending' and mints.to_net_wh <= l.total
            """,
            unit.Connection,
            unit.Transaction);
        command.Parameters.Add(new() { Value = newest.Select(static row => row.MeterId).ToArray() });
        command.Parameters.Add(new() { Value = newest.Select(static row => row.Signature).ToArray() });
        command.Parameters.Add(new() { Value = newest.Select(static row => row.Total).ToArray() });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        _ = await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static long TotalOf(IEnumerable<IndexedEvent> events) =>
        checked((long)events.Max(static indexed => ((MeterBalanceSettled)indexed.Event).TotalSettled));
}
