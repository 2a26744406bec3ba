using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana.Rpc;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Sends the outbox, on wall time. One process at a time: it holds an advisory lock on the connection it reads the
/// outbox with, so its work ends with that connection, and a standby takes over at once. The lock only saves work; that
/// nothing happens twice is up to the conditions of the writes (<see cref="OutboxTable"/>, <see cref="OutboxCloser"/>).
/// </summary>
internal sealed class OutboxSender(
    NpgsqlDataSource source,
    DatabaseReadiness database,
    IEnergyChain chain,
    ChainOutbox outbox,
    OutboxBatch batch,
    ChainHealth health,
    SolanaOptions options,
    WallTime wallTime,
    ILogger<OutboxSender> logger) : BackgroundService
{
    internal const int BatchSize = 64;
    private const int MaxBatches = 4;

    // "gtx send" in ASCII.
    private const long AdvisoryLock = 0x6774_7820_7365_6E64;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Task, IReadOnlyList<OutboxRow>> _running = [];
    private int _failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);
        var isPrepared = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!isPrepared)
                {
                    await PrepareAsync(stoppingToken);
                    isPrepared = true;
                }

                await LeadAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever is wrong, the rows stay open and the sender comes back to them.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                await BackOffAsync(exception, stoppingToken);
            }
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await chain.PrepareAsync(cancellationToken);
        var info = chain.Describe();
        Log.ChainReady(logger, info.GridMint.ToString(), info.GrxMint.ToString());
        health.Prepared();
        Worked();
    }

    private async Task LeadAsync(CancellationToken stoppingToken)
    {
        await using var connection = await source.OpenConnectionAsync(stoppingToken);
        if (!await TryLockAsync(connection, stoppingToken))
        {
            Log.SenderStandsBy(logger);
            do
            {
                await wallTime.DelayAsync(PollInterval, stoppingToken);
            }
            while (!await TryLockAsync(connection, stoppingToken));
        }

        using var leading = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        try
        {
            await SendAsync(connection, leading.Token);
        }
        finally
        {
            // Without the lock nothing goes on; what was under way is found in the database.
            await leading.CancelAsync();
            await Task.WhenAll(_running.Keys).ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            _running.Clear();
            await UnlockAsync(connection);
        }
    }

    private async Task SendAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var wake = Task.CompletedTask;
        while (!cancellationToken.IsCancellationRequested)
        {
            await ReapAsync(cancellationToken);
            var rows = _running.Count < MaxBatches ? await DueAsync(connection, cancellationToken) : [];
            if (rows.Count > 0)
            {
                _running.Add(batch.RunAsync(rows, cancellationToken), rows);
                continue;
            }

            if (wake.IsCompleted)
            {
                wake = outbox.WaitAsync(PollInterval, cancellationToken);
            }

            // All batches busy: only their end makes room.
            var ends = _running.Count < MaxBatches ? _running.Keys.Append(wake) : _running.Keys;
            _ = await Task.WhenAny(ends);
        }
    }

    private Task<IReadOnlyList<OutboxRow>> DueAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var inWork = _running.Values.SelectMany(static rows => rows.Select(static row => row.Id)).ToArray();
        return OutboxTable.DueAsync(connection, wallTime.UtcNow, inWork, BatchSize, cancellationToken);
    }

    private async Task ReapAsync(CancellationToken cancellationToken)
    {
        foreach (var ended in _running.Keys.Where(static task => task.IsCompleted).ToList())
        {
            _ = _running.Remove(ended);
            try
            {
                await ended;
                Worked();
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                await BackOffAsync(exception, cancellationToken);
            }
        }
    }

    private void Worked()
    {
        if (_failures > 0)
        {
            Log.SenderGoesOn(logger, _failures);
        }

        _failures = 0;
        health.Worked();
    }

    /// <summary>
    /// The whole sender waits: while the chain or the database is away, nothing is written and no row counts attempts.
    /// </summary>
    private async Task BackOffAsync(Exception exception, CancellationToken cancellationToken)
    {
        _failures++;
        var delay = Jitter.After(_failures, options.BaseBackoff, options.MaxBackoff);
        health.Failed(exception.Message);
        if (exception is SolanaException || DatabaseFaults.IsUnavailable(exception))
        {
            Log.SenderInterrupted(logger, _failures, delay, exception.Message);
        }
        else
        {
            Log.SenderFailed(logger, exception, delay);
        }

        await wallTime.DelayAsync(delay, cancellationToken);
    }

    // A pooled connection keeps its session's locks until it is used again.
    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var command = new NpgsqlCommand("select pg_advisory_unlock($1)", connection);
            command.Parameters.Add(new() { Value = AdvisoryLock });
            _ = await command.ExecuteScalarAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // The connection is broken, and its locks with it.
        }
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new() { Value = AdvisoryLock });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
