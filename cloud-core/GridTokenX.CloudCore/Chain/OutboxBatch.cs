using System.Globalization;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Takes rows of the outbox as far as the chain allows. Everything that another process needs to go on from here stands
/// in the database before it is acted upon: signed bytes are stored before they are sent, and are the only ones sent
/// until it is certain that they can never land.
/// </summary>
internal sealed class OutboxBatch(
    SolanaRpcClient rpc,
    IIntentTransactions transactions,
    OutboxTable table,
    OutboxCloser closer,
    SolanaOptions options,
    WallTime wallTime,
    ILogger<OutboxBatch> logger) : IDisposable
{
    /// <summary>
    /// Blocks to wait beyond the last valid one before a transaction counts as expired: behind one address may stand
    /// several nodes, and the one that is asked for the signature may lag behind the one that was asked for the height.
    /// </summary>
    internal const ulong ExpiryMargin = 32;

    private const int MaxParallelSends = 32;
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FollowedFor = TimeSpan.FromSeconds(3);

    // Without preflight: what the simulation of one node says is no verdict. The ledger's is, and it never changes.
    private static readonly SendOptions Sending = new() { SkipPreflight = true };

    private readonly SemaphoreSlim _sends = new(MaxParallelSends, MaxParallelSends);

    /// <summary>
    /// Rows that are still undecided at the end stay open and due: the next batch looks them up and sends the same
    /// bytes again.
    /// </summary>
    /// <exception cref="SolanaException">The RPC does not answer, or not usefully.</exception>
    public async Task RunAsync(IReadOnlyList<OutboxRow> rows, CancellationToken cancellationToken)
    {
        var known = await LookUpAsync([.. rows.Where(static row => row.Sent is not null)], cancellationToken);
        var unsigned = rows.Where(static row => row.Sent is null).Concat(known.Expired).ToList();
        List<OutboxRow> sending = [.. known.StillValid, .. await SignAsync(unsigned, cancellationToken)];
        var (taken, fault) = await SendAsync(sending, cancellationToken);
        await FollowAsync([.. taken, .. known.NotYetFinal], cancellationToken);
        if (fault is not null)
        {
            throw fault;
        }
    }

    public void Dispose() => _sends.Dispose();

    /// <summary>
    /// Finds out what became of transactions that an earlier batch, perhaps of an earlier process, may have sent.
    /// </summary>
    private async Task<(List<OutboxRow> StillValid, List<OutboxRow> Expired, List<OutboxRow> NotYetFinal)> LookUpAsync(
        IReadOnlyList<OutboxRow> rows, CancellationToken cancellationToken)
    {
        var (valid, expired, notYetFinal) = (new List<OutboxRow>(), new List<OutboxRow>(), new List<OutboxRow>());
        if (rows.Count == 0)
        {
            return (valid, expired, notYetFinal);
        }

        // The height first: a signature that is unknown after the last block it could land in will stay unknown.
        var height = await rpc.GetBlockHeightAsync(Commitment.Finalized, cancellationToken);
        var statuses = await StatusesAsync(rows, searchHistory: true, cancellationToken);
        var verdicts = new List<Verdict>();
        for (var i = 0; i < rows.Count; i++)
        {
            if (VerdictOf(rows[i], statuses[i]) is { } verdict)
            {
                verdicts.Add(verdict);
            }
            else if (statuses[i] is not null)
            {
                notYetFinal.Add(rows[i]);
            }
            else
            {
                (height > rows[i].Sent!.LastValidBlockHeight + ExpiryMargin ? expired : valid).Add(rows[i]);
            }
        }

        await closer.CloseAsync(verdicts, cancellationToken);
        return (valid, await CertainlyLostAsync(expired, cancellationToken), notYetFinal);
    }

    /// <summary>
    /// "Unknown" proves that a transaction never landed only while the node remembers the time in which it could have.
    /// A row from before that is parked: to sign it anew might do the same thing twice.
    /// </summary>
    private async Task<List<OutboxRow>> CertainlyLostAsync(List<OutboxRow> expired, CancellationToken cancellationToken)
    {
        if (expired.Count == 0)
        {
            return expired;
        }

        var answer = await rpc.CallAsync("getFirstAvailableBlock", cancellationToken: cancellationToken);
        var first = answer.GetUInt64();
        var lost = new List<OutboxRow>();
        foreach (var row in expired)
        {
            if (row.Sent!.SignedSlot >= first)
            {
                lost.Add(row);
                continue;
            }

            var reason = string.Create(
                CultureInfo.InvariantCulture,
                $"Unknown whether {row.Signature} landed: signed in {row.Sent.SignedSlot}, history is from {first}.");
            await closer.ParkAsync(row, reason, cancellationToken);
        }

        if (lost.Count > 0)
        {
            Log.TransactionsExpired(logger, lost.Count);
            await transactions.EnsureFundsAsync(cancellationToken);
        }

        return lost;
    }

    /// <summary>Signs and stores; returns the rows that may be sent.</summary>
    private async Task<IReadOnlyList<OutboxRow>> SignAsync(
        List<OutboxRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        var latest = await rpc.GetLatestBlockhashAsync(options.Commitment, cancellationToken);
        var signed = new List<(OutboxRow Row, SentTransaction Transaction)>(rows.Count);
        foreach (var row in rows)
        {
            var (sent, fault) = TrySign(row, latest);
            if (sent is null)
            {
                await closer.ParkAsync(row, fault!, cancellationToken);
            }
            else if (row.Signature != sent.Signature.ToString())
            {
                signed.Add((row, sent));
            }

            // The same transaction again (a refused one, before the next blockhash) cannot be sent; the row stays due.
        }

        if (signed.Count == 0)
        {
            await wallTime.DelayAsync(LongestPoll, cancellationToken);
            return [];
        }

        var stored = await table.StoreAsync(signed, cancellationToken);
        return [.. signed
            .Where(s => stored.Contains(s.Row.Id))
            .Select(static s => s.Row with { Sent = s.Transaction, Signature = s.Transaction.Signature.ToString() })];
    }

    private (SentTransaction? Sent, string? Fault) TrySign(OutboxRow row, LatestBlockhash latest)
    {
        if (row.Intent is null)
        {
            return (null, "This version cannot read the intent.");
        }

        try
        {
            var transaction = transactions.Sign(row.Intent, row.Attempts, latest.Blockhash);
            var wire = transaction.Serialize();
            return (new SentTransaction(wire, transaction.Id, latest.LastValidBlockHeight, latest.Slot), null);
        }
        catch (Exception exception) when (exception
            is OverflowException or TransactionTooLargeException or ArgumentException)
        {
            return (null, $"No transaction can be made of it: {exception.Message}");
        }
    }

    /// <summary>
    /// Sends in parallel; returns the rows that may have arrived, and a fault of the way there, if there was one.
    /// </summary>
    private async Task<(IEnumerable<OutboxRow> Taken, SolanaException? Fault)> SendAsync(
        List<OutboxRow> rows, CancellationToken cancellationToken)
    {
        var sends = await Task.WhenAll(rows.Select(row => SendAsync(row, cancellationToken)));
        return (
            rows.Where((_, i) => sends[i].IsTaken),
            sends.FirstOrDefault(static send => send.Fault is not null).Fault);
    }

    private async Task<(bool IsTaken, SolanaException? Fault)> SendAsync(
        OutboxRow row, CancellationToken cancellationToken)
    {
        await _sends.WaitAsync(cancellationToken);
        try
        {
            _ = await rpc.SendTransactionAsync(row.Sent!.Wire, Sending, cancellationToken);
            return (true, null);
        }
        catch (SolanaRpcException refusal) when (refusal.TransactionError is not null)
        {
            // Already processed, or unable to run right now: its status, or the expiry of its blockhash, decides.
            return (true, null);
        }
        catch (SolanaRpcException refusal) when (refusal.Code
            is RpcErrorCode.InvalidParams or RpcErrorCode.TransactionSignatureVerificationFailure)
        {
            await NotTakenAsync(row, refusal, cancellationToken);
            return (false, null);
        }
        catch (SolanaException fault)
        {
            return (true, fault);
        }
        finally
        {
            _ = _sends.Release();
        }
    }

    private async Task NotTakenAsync(OutboxRow row, SolanaRpcException refusal, CancellationToken cancellationToken)
    {
        Log.TransactionNotTaken(logger, row.IntentId, refusal.Message);
        var attempts = row.Attempts + 1;
        if (attempts >= OutboxCloser.MaxAttempts)
        {
            await closer.ParkAsync(row, refusal.Message, cancellationToken);
            return;
        }

        var until = wallTime.UtcNow + Jitter.After(attempts, options.BaseBackoff, options.MaxBackoff);
        await table.PostponeAsync(row, refusal.Message, until, isAttempt: true, cancellationToken);
    }

    private async Task FollowAsync(IReadOnlyList<OutboxRow> rows, CancellationToken cancellationToken)
    {
        var waiting = rows.ToList();
        var deadline = wallTime.UtcNow + FollowedFor;
        var delay = FirstPoll;
        while (waiting.Count > 0)
        {
            var statuses = await StatusesAsync(waiting, searchHistory: false, cancellationToken);
            var verdicts = waiting.Select((row, i) => VerdictOf(row, statuses[i])).OfType<Verdict>().ToList();
            await closer.CloseAsync(verdicts, cancellationToken);
            var closed = verdicts.Select(static verdict => verdict.Row.Id).ToHashSet();
            _ = waiting.RemoveAll(row => closed.Contains(row.Id));
            if (waiting.Count == 0 || wallTime.UtcNow >= deadline)
            {
                return;
            }

            await wallTime.DelayAsync(delay, cancellationToken);
            delay = delay * 2 < LongestPoll ? delay * 2 : LongestPoll;
        }
    }

    private Task<IReadOnlyList<SignatureStatus?>> StatusesAsync(
        IReadOnlyList<OutboxRow> rows, bool searchHistory, CancellationToken cancellationToken) =>
        rpc.GetSignatureStatusesAsync(
            [.. rows.Select(static row => row.Sent!.Signature)], searchHistory, cancellationToken);

    private Verdict? VerdictOf(OutboxRow row, SignatureStatus? status) =>
        status is not null && status.Commitment >= options.Commitment
            ? new Verdict(row, row.Sent!.Signature, status.Error?.ToString())
            : null;
}
