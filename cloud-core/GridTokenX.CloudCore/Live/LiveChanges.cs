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
    private const int MaxAgeSeconds = 300;

    private string? _snapshot;

    private sealed record Row
    {
        public required string Snapshot { get; init; }

        public required string? Kind { get; init; }

        public required string[]? Zones { get; init; }

        public required Guid[]? Owners { get; init; }
    }

    internal bool HasBegun => _snapshot is not null;

    /// <summary>What is committed up to now counts as known.</summary>
    internal async Task BeginAsync(CancellationToken cancellationToken) =>
        _snapshot = (await database.QueryAsync<string>(
            "select pg_current_snapshot()::text", null, cancellationToken))[0];

    /// <summary>Nothing is known any more.</summary>
    internal void End() => _snapshot = null;

    internal async Task<IReadOnlyList<LiveChange>> ReadAsync(CancellationToken cancellationToken)
    {
        // The snapshot and the rows are of one statement, so of one and the same look.
        var rows = await database.QueryAsync<Row>(
            """
            select look.snapshot, c.kind, c.zones, c.owners
            from (select pg_current_snapshot()::text as snapshot) look
            left join live_changes c
                on c.xid >= pg_snapshot_xmax(@last::pg_snapshot)
                or c.xid = any(array(select pg_snapshot_xip(@last::pg_snapshot)))
            """,
            new { last = _snapshot },
            cancellationToken);
        _snapshot = rows[0].Snapshot;
        return [.. rows.Where(static row => row.Kind is not null)
            .Select(static row => new LiveChange(row.Kind!, row.Zones!, row.Owners!))];
    }

    /// <summary>Removes what every reader has read long ago.</summary>
    internal Task<int> PurgeAsync(CancellationToken cancellationToken) => database.TransactAsync(
        unit => unit.Transaction.ExecuteAsync(
            """
            delete from live_changes
            where at < clock_timestamp() - make_interval(secs => @MaxAgeSeconds)
              and xid < pg_snapshot_xmin(pg_current_snapshot())
            """,
            new { MaxAgeSeconds },
            cancellationToken),
        cancellationToken);
}
