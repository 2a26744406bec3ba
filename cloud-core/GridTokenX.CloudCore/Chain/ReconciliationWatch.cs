using GridTokenX.CloudCore.Metrics;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Compares books and chain by itself, each <see cref="MetricsOptions.ReconciliationInterval"/>, and says so loudly
/// when they differ. What is under way makes differences that pass: while anything is, only those count that are the
/// same a while later.
/// </summary>
internal sealed class ReconciliationWatch(
    Func<CancellationToken, Task<ReconciliationReport>> reconcile,
    DatabaseReadiness database,
    MetricsOptions options,
    SimulationOptions simulation,
    WallTime wall,
    ILogger<ReconciliationWatch> logger) : BackgroundService
{
    /// <summary>After a start the sender and the indexer have caught up.</summary>
    internal static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(5);

    internal static readonly TimeSpan Again = TimeSpan.FromMinutes(5);

    private long _endedAt;
    private volatile int _differences;

    internal int Differences => _differences;

    /// <summary>Since the last one that came to an end; null before it.</summary>
    internal TimeSpan? Age => Interlocked.Read(ref _endedAt) is > 0 and var at
        ? wall.UtcNow - new DateTimeOffset(at, TimeSpan.Zero)
        : null;

    /// <summary>Looks once, and a second time where the first could not tell.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var found = await reconcile(cancellationToken);
        var different = found.Differences;
        if (!found.Matches && found.Pending > 0)
        {
            await wall.DelayAsync(Again, cancellationToken);
            var later = await reconcile(cancellationToken);
            different = later.Pending == 0
                ? later.Differences
                : [.. later.Differences.Where(late => found.Differences.Any(early => IsSame(early, late)))];
        }

        if (different is [var first, ..])
        {
            Log.BooksDiffer(logger, different.Count, first.What, first.Database, first.Chain);
        }

        _differences = different.Count;
        _ = Interlocked.Exchange(ref _endedAt, wall.UtcNow.UtcTicks);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (simulation.Enabled || options.ReconciliationInterval == TimeSpan.Zero)
        {
            return;
        }

        await database.WaitAsync(stoppingToken);
        await wall.DelayAsync(FirstAfter, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
#pragma warning disable CA1031 // The chain or the database is away, which others say; its age shows it.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.NotReconciled(logger, exception.Message);
            }

            await wall.DelayAsync(options.ReconciliationInterval, stoppingToken);
        }
    }

    private static bool IsSame(ReconciliationDifference one, ReconciliationDifference other) =>
        one.What == other.What && one.Chain - one.Database == other.Chain - other.Database;
}
