using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana.Rpc;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// A work with the chain that one process does at a time, on wall time (<see cref="Leadership"/>). Whatever goes wrong,
/// it waits, longer each time, and begins again with what the database says.
/// </summary>
internal abstract class ChainWorker(
    Leadership leadership, DatabaseReadiness database, TimeSpan firstDelay, TimeSpan longestDelay, WallTime wallTime)
    : BackgroundService
{
    private int _failures;

    protected WallTime Wall => wallTime;

    /// <summary>Until it ends or fails.</summary>
    /// <param name="connection">Holds the lock: with it goes the turn.</param>
    /// <param name="cancellationToken">Of the process.</param>
    protected abstract Task WorkAsync(NpgsqlConnection connection, CancellationToken cancellationToken);

    /// <summary>What every process does, whether it is its turn or not.</summary>
    protected virtual Task LookAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected abstract void TellStandby();

    /// <param name="failures">Before it went well; 0 when it has gone well before.</param>
    protected abstract void TellWorked(int failures);

    /// <param name="exception">What went wrong.</param>
    /// <param name="isOutside">The chain or the database is away.</param>
    /// <param name="failures">One after the other, with this one.</param>
    /// <param name="delay">Until it begins again.</param>
    protected abstract void TellFailed(Exception exception, bool isOutside, int failures, TimeSpan delay);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                await leadership.LeadAsync(WorkAsync, TellStandby, LookAsync, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever is wrong, the database says where to go on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                await BackOffAsync(exception, stoppingToken);
            }
        }
    }

    protected void Worked()
    {
        TellWorked(_failures);
        _failures = 0;
    }

    /// <summary>
    /// The whole work waits: while the chain or the database is away, nothing is written and no row counts attempts.
    /// </summary>
    protected Task BackOffAsync(Exception exception, CancellationToken cancellationToken)
    {
        _failures++;
        var delay = Jitter.After(_failures, firstDelay, longestDelay);
        TellFailed(
            exception, exception is SolanaException || DatabaseFaults.IsUnavailable(exception), _failures, delay);
        return wallTime.DelayAsync(delay, cancellationToken);
    }
}
