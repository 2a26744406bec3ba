using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Live;

/// <summary>
/// Removes changes that every reader has read long ago, whether anybody watches or not, and notes how far it has come:
/// a reader that stood still for longer begins anew. Any number of processes share the work.
/// </summary>
internal sealed class LivePurge(
    NpgsqlDataSource database,
    DatabaseReadiness readiness,
    LiveOptions options,
    WallTime wall,
    ILogger<LivePurge> logger) : BackgroundService
{
    /// <summary>Rows of one transaction.</summary>
    internal const int BatchSize = 5_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RunOnceAsync(stoppingToken) == BatchSize)
                {
                    stoppingToken.ThrowIfCancellationRequested();
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever is wrong, the next round tries again; nothing hangs on it meanwhile but room.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.LivePurgeFailed(logger, exception, Interval);
            }

            await Task.Delay(Interval, wall.Clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// One batch; how many rows that were. What every look of the last <see cref="LiveOptions.ChangeRetention"/> has
    /// seen goes, so each row is kept for that time at least, and for little more than twice as long.
    /// </summary>
    internal Task<int> RunOnceAsync(CancellationToken cancellationToken) => database.TransactAsync(
        async unit =>
        {
            _ = await unit.Transaction.ExecuteAsync(
                """
                insert into live_purges default values on conflict do nothing;
                update live_purges
                set gone_xid = next_xid, next_xid = pg_snapshot_xmin(pg_current_snapshot()),
                    next_at = clock_timestamp()
                where next_at < clock_timestamp() - @ChangeRetention;
                """,
                new { options.ChangeRetention },
                cancellationToken);
            return await unit.Transaction.ExecuteAsync(
                """
                delete from live_changes where id = any(array(
                    select id from live_changes where xid < (select gone_xid from live_purges)
                    order by xid limit @BatchSize for update skip locked))
                """,
                new { BatchSize },
                cancellationToken);
        },
        cancellationToken);
}
