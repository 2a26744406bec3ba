using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Sends the outbox, on wall time. One process at a time (<see cref="Leadership"/>). That nothing happens twice is up
/// to the conditions of the writes (<see cref="OutboxTable"/>, <see cref="OutboxCloser"/>).
/// </summary>
internal sealed class OutboxSender(
    NpgsqlDataSource source,
    DatabaseReadiness database,
    IEnergyChain chain,
    PlatformTransactions platform,
    ChainOutbox outbox,
    OutboxBatch batch,
    IEnumerable<ISendingCondition> conditions,
    ChainHealth health,
    SolanaOptions options,
    WallTime wallTime,
    ILogger<OutboxSender> logger)
    : ChainWorker(
        new Leadership(source, AdvisoryLock, PollInterval, wallTime),
        database,
        options.BaseBackoff,
        options.MaxBackoff,
        wallTime)
{
    internal const int BatchSize = 128;
    private const int MaxBatches = 4;

    // "gtx send" in ASCII.
    private const long AdvisoryLock = 0x6774_7820_7365_6E64;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>The administrator may have changed the fee, or who may do what.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Task, IReadOnlyList<OutboxRow>> _running = [];
    private DateTimeOffset _lookedAt;

    /// <summary>Sees that the programs are there and ours, what is set, and that fees can be paid.</summary>
    protected override async Task LookAsync(CancellationToken cancellationToken)
    {
        if (Wall.UtcNow < _lookedAt + LookInterval)
        {
            return;
        }

        await chain.PrepareAsync(cancellationToken);
        await platform.EnsureFundsAsync(cancellationToken);
        if (!health.IsPrepared)
        {
            var info = chain.Describe();
            Log.ChainReady(logger, info.GridMint.ToString(), info.GrxMint.ToString(), info.Market.ToString());
            health.Prepared();
        }

        foreach (var condition in conditions)
        {
            await condition.CheckAsync(cancellationToken);
        }

        _lookedAt = Wall.UtcNow;
        Worked();
    }

    protected override async Task WorkAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await SendUntilFaultAsync(connection, leading.Token);
        }
        finally
        {
            // Without the lock nothing goes on; what was under way is found in the database.
            await leading.CancelAsync();
            await Task.WhenAll(_running.Keys).ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            _running.Clear();
        }
    }

    private async Task SendUntilFaultAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var wake = Task.CompletedTask;
        while (!cancellationToken.IsCancellationRequested)
        {
            await LookAsync(cancellationToken);
            await ReapAsync(cancellationToken);
            var rows = _running.Count < MaxBatches ? await DueAsync(connection, cancellationToken) : [];
            if (rows.Count > 0)
            {
                _running.Add(batch.RunAsync(rows, cancellationToken), rows);
                if (rows.Count == BatchSize)
                {
                    continue;
                }
            }

            // Nothing else was due; whoever adds something wakes.
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
        return OutboxTable.DueAsync(connection, Wall.UtcNow, inWork, BatchSize, cancellationToken);
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

    protected override void TellStandby() => Log.SenderStandsBy(logger);

    protected override void TellWorked(int failures)
    {
        if (failures > 0)
        {
            Log.SenderGoesOn(logger, failures);
        }

        health.Worked();
    }

    protected override void TellFailed(Exception exception, bool isOutside, int failures, TimeSpan delay)
    {
        health.Failed(exception.Message);
        if (isOutside)
        {
            Log.SenderInterrupted(logger, failures, delay, exception.Message);
        }
        else
        {
            Log.SenderFailed(logger, exception, delay);
        }
    }
}
