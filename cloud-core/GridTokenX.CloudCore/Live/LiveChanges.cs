using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Live;

/// <summary>One statement's changes: of which kind, in which zones, of whom.</summary>
internal sealed record LiveChange(string Kind, string[] Zones, Guid[] Owners);

/// <summary>
/// Reads what has been committed since the last look: all rows whose transaction was not visible then and is now, be
/// their numbers below or above those of others. Each change is read exactly once. Used by one loop alone.
/// </summary>
internal sealed class LiveChanges(NpgsqlDataSource database)
{
    private Look? _last;

    private sealed record Look(string Snapshot, Guid Life);

    private sealed record Row
    {
        public required string Snapshot { get; init; }

        /// <summary>Nothing is gone that was not visible at the last look.</summary>
        public required bool IsWhole { get; init; }

        public required string? Kind { get; init; }

        public required string[]? Zones { get; init; }

        public required Guid[]? Owners { get; init; }
    }

    internal bool HasBegun => _last is not null;

    /// <summary>What is committed up to now counts as known.</summary>
    internal async Task BeginAsync(CancellationToken cancellationToken) =>
        _last = await database.TransactAsync(
            unit => unit.Transaction.FirstOrDefaultAsync<Look>(
                """
                insert into live_purges default values on conflict do nothing;
                select pg_current_snapshot()::text as snapshot, life from live_purges
                """,
                null,
                cancellationToken),
            cancellationToken);

    /// <summary>Nothing is known any more.</summary>
    internal void End() => _last = null;

    /// <summary>
    /// Null when something that came since the last look may be gone already: because that was too long ago, or because
    /// the server lost the table in a crash. Then everything has to be read anew, after another beginning.
    /// </summary>
    internal async Task<IReadOnlyList<LiveChange>?> ReadAsync(CancellationToken cancellationToken)
    {
        // The snapshot and the rows are of one statement, so of one and the same look.
        var rows = await database.QueryAsync<Row>(
            """
            select look.snapshot, c.kind, c.zones, c.owners,
                   coalesce(p.life = @Life and p.gone_xid <= pg_snapshot_xmin(@Snapshot::pg_snapshot), false)
                       as is_whole
            from (select pg_current_snapshot()::text as snapshot) look
            left join live_purges p on true
            left join live_changes c
                on c.xid >= pg_snapshot_xmax(@Snapshot::pg_snapshot)
                or c.xid = any(array(select pg_snapshot_xip(@Snapshot::pg_snapshot)))
            """,
            new { _last!.Snapshot, _last.Life },
            cancellationToken);
        if (!rows[0].IsWhole)
        {
            End();
            return null;
        }

        _last = _last with { Snapshot = rows[0].Snapshot };
        return [.. rows.Where(static row => row.Kind is not null)
            .Select(static row => new LiveChange(row.Kind!, row.Zones!, row.Owners!))];
    }
}
