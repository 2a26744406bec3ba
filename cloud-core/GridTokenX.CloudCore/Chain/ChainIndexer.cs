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
    IChainOutbox intents,
    ChainHealth health,
    SolanaOptions options,
    WallTime wallTime,
    ILogger<ChainIndexer> logger)
    : ChainWorker(
        new Leadership(source, AdvisoryLock, PollInterval, wallTime),
        database,
        options.BaseBackoff,
        options.MaxBackoff < LongestDelay ? options.MaxBackoff : LongestDelay,
        wallTime)
{
    // "gtx read" in ASCII.
    private const long AdvisoryLock = 0x6774_7820_7265_6164;
    private const int MaxAtOnce = 256;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestReconnection = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private DateTimeOffset _retriedAt;

    protected override async Task WorkAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
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
        using var patience = new CancellationTokenSource(Patience, Wall.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var listening = new PubSubOptions
            {
                Endpoint = address,
                Commitment = options.Commitment,
                MaxDelay = LongestReconnection,
            };
            return await ChainFeed.OpenAsync(listening, programs.Ids, Wall.Clock, either.Token);
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
            await Wall.DelayAsync(PollInterval, cancellationToken);
        }
    }

    /// <summary>Null when the feed has ended; false when nothing came for a while.</summary>
    private async Task<bool?> WaitAsync(ChannelReader<ChainNews> news, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(PollInterval, Wall.Clock);
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
        TellSender(transactions.Count);
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

        TellSender(found);
        Worked();
    }

    /// <summary>
    /// What has happened may be followed by more: a settled order's rest is given back, energy retired.
    /// </summary>
    private void TellSender(int stored)
    {
        if (stored > 0)
        {
            intents.Wake();
        }
    }

    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        if (Wall.UtcNow < _retriedAt + RetryInterval)
        {
            return;
        }

        _retriedAt = Wall.UtcNow;
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

    protected override void TellStandby() => Log.IndexerStandsBy(logger);

    protected override void TellWorked(int failures)
    {
        if (failures > 0)
        {
            Log.IndexerGoesOn(logger, failures);
        }

        health.IndexerWorked();
    }

    protected override void TellFailed(Exception exception, bool isOutside, int failures, TimeSpan delay)
    {
        health.IndexerFailed(exception.Message);
        if (isOutside)
        {
            Log.IndexerInterrupted(logger, failures, delay, exception.Message);
        }
        else
        {
            Log.IndexerFailed(logger, exception, delay);
        }
    }
}
