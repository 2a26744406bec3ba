using System.Threading.Channels;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana.PubSub;
using GridTokenX.Solana.Rpc;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Follows our programs on chain, on wall time: first listens, then reads what it missed, then takes what it hears. One
/// process at a time (<see cref="Leadership"/>); that nothing happens twice is up to <see cref="ChainEventStore"/>.
/// Without PubSub it looks every second.
/// </summary>
internal sealed class ChainIndexer(
    NpgsqlDataSource source,
    DatabaseReadiness database,
    EnergyPrograms programs,
    ChainHistory history,
    ChainEventStore store,
    OutboxTable outbox,
    ChainHealth health,
    SolanaOptions options,
    WallTime wallTime,
    ILogger<ChainIndexer> logger) : BackgroundService
{
    // "gtx read" in ASCII.
    private const long AdvisoryLock = 0x6774_7820_7265_6164;
    private const int MaxAtOnce = 256;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestReconnection = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly Leadership _leadership = new(source, AdvisoryLock, PollInterval, wallTime);
    private DateTimeOffset _retriedAt;
    private int _failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _leadership.LeadAsync(
                    FollowAsync,
                    () => Log.IndexerStandsBy(logger),
                    static _ => Task.CompletedTask,
                    stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever is wrong, the cursors say where to go on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                await BackOffAsync(exception, stoppingToken);
            }
        }
    }

    private async Task FollowAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (options.WsUrl is not { } address)
        {
            await PollAsync(connection, cancellationToken);
            return;
        }

        await using var feed = await OpenAsync(new Uri(address), cancellationToken);
        await CatchUpAsync(cancellationToken);
        while (await WaitAsync(feed.News, cancellationToken) is { } hasNews)
        {
            await StillLeadsAsync(connection, cancellationToken);
            if (!hasNews)
            {
                await LookAfterAsync(cancellationToken);
            }
            else if (!await TakeAsync(feed.News, cancellationToken))
            {
                await CatchUpAsync(cancellationToken);
            }
        }

        throw new SolanaTransportException("PubSub: the subscriptions have ended.", isTransient: true);
    }

    /// <summary>While nobody can be listened to, it looks at each try.</summary>
    private async Task<ChainFeed> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, wallTime.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var listening = new PubSubOptions
            {
                Endpoint = address,
                Commitment = options.Commitment,
                MaxDelay = LongestReconnection,
            };
            return await ChainFeed.OpenAsync(listening, programs.Ids, wallTime.Clock, either.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or SolanaException
            && !cancellationToken.IsCancellationRequested)
        {
            await CatchUpAsync(cancellationToken);
            throw new SolanaTransportException(
                "PubSub: no connection yet.", isTransient: true, innerException: exception);
        }
    }

    private async Task PollAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await StillLeadsAsync(connection, cancellationToken);
            await CatchUpAsync(cancellationToken);
            await RetryAsync(cancellationToken);
            await wallTime.DelayAsync(PollInterval, cancellationToken);
        }
    }

    /// <summary>Null when the feed has ended; false when nothing came for a while.</summary>
    private async Task<bool?> WaitAsync(ChannelReader<ChainNews> news, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(PollInterval, wallTime.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await news.WaitToReadAsync(either.Token) ? true : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>False when some were missed.</summary>
    private async Task<bool> TakeAsync(ChannelReader<ChainNews> news, CancellationToken cancellationToken)
    {
        var taken = new List<ChainNews>();
        while (taken.Count < MaxAtOnce && news.TryRead(out var next))
        {
            if (next.Logs is null)
            {
                // What is already taken comes again with the history.
                return false;
            }

            taken.Add(next);
        }

        var transactions = new List<IndexedTransaction>(taken.Count);
        foreach (var next in taken.Where(static next => next.Logs!.Error is null)
            .DistinctBy(static next => next.Logs!.Signature))
        {
            transactions.Add(await history.HeardAsync(next.Slot, next.Logs!, transactions, cancellationToken));
        }

        var cursors = taken
            .GroupBy(static next => next.Program)
            .Select(static group => group.Last())
            .Select(static last => new ChainCursor(last.Program, last.Logs!.Signature, checked((long)last.Slot)))
            .ToList();
        await store.StoreAsync(transactions, cursors, cancellationToken);
        Worked();
        return true;
    }

    /// <summary>
    /// Nothing comes, though the sender has seen transactions land whose events are missing: a feed may fall silent.
    /// </summary>
    private async Task LookAfterAsync(CancellationToken cancellationToken)
    {
        await RetryAsync(cancellationToken);
        if ((await outbox.CountAsync(cancellationToken)).Unindexed > 0)
        {
            await CatchUpAsync(cancellationToken);
        }
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var found = await history.CatchUpAsync(cancellationToken);
        if (found > 0)
        {
            Log.CaughtUp(logger, found);
        }

        Worked();
    }

    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        if (wallTime.UtcNow < _retriedAt + RetryInterval)
        {
            return;
        }

        _retriedAt = wallTime.UtcNow;
        if (await store.RetryAsync(cancellationToken) is > 0 and var failed)
        {
            health.IndexerFailed($"The effects of {failed} events fail.");
        }
    }

    /// <summary>The lock goes with its connection.</summary>
    private static async Task StillLeadsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select 1", connection);
        _ = await command.ExecuteScalarAsync(cancellationToken);
    }

    private void Worked()
    {
        if (_failures > 0)
        {
            Log.IndexerGoesOn(logger, _failures);
        }

        _failures = 0;
        health.IndexerWorked();
    }

    private async Task BackOffAsync(Exception exception, CancellationToken cancellationToken)
    {
        _failures++;
        var longest = options.MaxBackoff < LongestDelay ? options.MaxBackoff : LongestDelay;
        var delay = Jitter.After(_failures, options.BaseBackoff, longest);
        health.IndexerFailed(exception.Message);
        if (exception is SolanaException || DatabaseFaults.IsUnavailable(exception))
        {
            Log.IndexerInterrupted(logger, _failures, delay, exception.Message);
        }
        else
        {
            Log.IndexerFailed(logger, exception, delay);
        }

        await wallTime.DelayAsync(delay, cancellationToken);
    }
}
