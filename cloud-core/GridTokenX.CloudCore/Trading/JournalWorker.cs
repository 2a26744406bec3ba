using System.Data;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Keeps the journals short: now and then what is new in a zone's journal is replayed and, when it gives the zone's
/// book, a snapshot is taken, and what lies before the newest snapshot that is old enough is removed. A journal that
/// does not give its book is kept as it is, for somebody to look at.
/// </summary>
internal sealed class JournalWorker(
    NpgsqlDataSource database, TradingOptions options, WallTime wall, ILogger<JournalWorker> logger) : IMarketWorker
{
    public string Name => "journal";

    public int Order => 90;

    public TimeSpan Interval => TimeSpan.FromMinutes(1);

    /// <summary>Nothing that others would have to follow up.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var due = await database.QueryAsync<string>(
            """
            select zone from market_zones z
            where sequence - coalesce((select max(s.sequence) from market_snapshots s where s.zone = z.zone), 0)
                >= @SnapshotLines
            order by zone
            """,
            new { options.SnapshotLines },
            cancellationToken);
        await EachZone.RunAsync(due, zone => KeepAsync(zone, cancellationToken));
        return 0;
    }

    private async Task KeepAsync(string zone, CancellationToken cancellationToken)
    {
        var (outcome, pruned) = await database.TransactAsync(
            unit => KeepAsync(unit.Transaction, zone, cancellationToken),
            cancellationToken,
            IsolationLevel.RepeatableRead);
        if (outcome is null)
        {
            return;
        }

        if (outcome.Fault is { } fault)
        {
            Log.JournalWrong(logger, zone, fault);
            throw new InvalidOperationException($"The journal of zone {zone} does not give its book: {fault}");
        }

        Log.JournalKept(logger, zone, outcome.Book.Position.Sequence, pruned);
    }

    /// <summary>No outcome where another process is at it.</summary>
    private async Task<(ReplayOutcome? Outcome, int Pruned)> KeepAsync(
        NpgsqlTransaction transaction, string zone, CancellationToken cancellationToken)
    {
        if (!await transaction.FirstOrDefaultAsync<bool>(
            "select pg_try_advisory_xact_lock(hashtextextended('journal ' || @zone, 0))",
            new { zone },
            cancellationToken))
        {
            return (null, 0);
        }

        var outcome = await new ZoneReplay(transaction, zone, isContinued: true).RunAsync(cancellationToken);
        if (outcome.Fault is not null)
        {
            return (outcome, 0);
        }

        var now = wall.UtcNow;
        await ZoneSnapshots.AddAsync(
            transaction, zone, outcome.Book, now, isVerified: true, cancellationToken);
        var before = now - options.JournalRetention;
        _ = await transaction.ExecuteAsync(
            """
            delete from market_snapshots
            where zone = @zone and sequence < (
                select max(sequence) from market_snapshots where zone = @zone and verified and taken_at <= @before)
            """,
            new { zone, before },
            cancellationToken);
        var pruned = await transaction.ExecuteAsync(
            """
            delete from market_journal
            where zone = @zone and sequence <= (select min(sequence) from market_snapshots where zone = @zone)
            """,
            new { zone },
            cancellationToken);
        return (outcome, pruned);
    }
}
