using System.Globalization;
using GridTokenX.Protocol.Time;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Takes rows of the outbox as far as the chain allows. Everything that another process needs to go on from here stands
/// in the database before it is acted upon: signed bytes are stored before they are sent, and are the only ones sent
/// until it is certain that they can never land.
/// </summary>
internal sealed class OutboxBatch(
    SolanaRpcClient rpc,
    IntentTransactions transactions,
    PlatformTransactions platform,
    SettlementPages pages,
    OutboxTable table,
    OutboxCloser closer,
    OutboxVerdicts verdicts,
    OutboxWire wire,
    SolanaOptions options,
    WallTime wallTime,
    ILogger<OutboxBatch> logger)
{
    /// <summary>
    /// Blocks to wait beyond the last valid one before a transaction counts as expired: behind one address may stand
    /// several nodes, and the one that is asked for the signature may lag behind the one that was asked for the height.
    /// </summary>
    internal const ulong ExpiryMargin = 32;

    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FollowedFor = TimeSpan.FromSeconds(3);

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
        var (taken, fault) = await wire.SendAsync(sending, cancellationToken);
        await FollowAsync([.. taken, .. known.NotYetFinal], cancellationToken);
        if (fault is not null)
        {
            throw fault;
        }
    }

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
        var statuses = await verdicts.StatusesAsync(rows, searchHistory: true, cancellationToken);
        var decided = new List<(OutboxRow Row, SignatureStatus Status)>();
        for (var i = 0; i < rows.Count; i++)
        {
            if (statuses[i] is { } status)
            {
                if (status.Commitment >= options.Commitment)
                {
                    decided.Add((rows[i], status));
                }
                else
                {
                    notYetFinal.Add(rows[i]);
                }
            }
            else
            {
                (height > rows[i].Sent!.LastValidBlockHeight + ExpiryMargin ? expired : valid).Add(rows[i]);
            }
        }

        await verdicts.ActAsync(decided, cancellationToken);
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
            if (row.Sent!.SignedSlot < first)
            {
                var reason = string.Create(
                    CultureInfo.InvariantCulture,
                    $"Unknown whether {row.Signature} landed: signed in {row.Sent.SignedSlot}, history is from "
                    + $"{first}.");
                await closer.ParkAsync(row, reason, cancellationToken);
            }
            else if (row.Intent is PlaceOrder { Transaction: not null })
            {
                await verdicts.BroughtOneExpiredAsync(row, cancellationToken);
            }
            else
            {
                lost.Add(row);
            }
        }

        if (lost.Count > 0)
        {
            Log.TransactionsExpired(logger, lost.Count);
            await platform.EnsureFundsAsync(cancellationToken);
        }

        return lost;
    }

    /// <summary>Packs, signs and stores; returns the rows that may be sent.</summary>
    private async Task<IReadOnlyList<OutboxRow>> SignAsync(
        List<OutboxRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        foreach (var row in rows.Where(static row => row.Intent is null))
        {
            await closer.ParkAsync(row, "This version cannot read the intent.", cancellationToken);
        }

        var readable = rows.FindAll(static row => row.Intent is not null);
        await pages.EnsureAsync(readable.Select(static row => row.Intent!), cancellationToken);
        var latest = await rpc.GetLatestBlockhashAsync(options.Commitment, cancellationToken);
        var signed = new List<(OutboxRow Row, SentTransaction Transaction)>(rows.Count);
        foreach (var pack in OutboxPacker.Pack(readable, transactions.Instructions))
        {
            signed.AddRange(await SignAsync(pack, latest, cancellationToken));
        }

        if (signed.Count == 0)
        {
            await wallTime.DelayAsync(LongestPoll, cancellationToken);
            return [];
        }

        return await StoreAsync(signed, cancellationToken);
    }

    private async Task<IReadOnlyList<OutboxRow>> StoreAsync(
        List<(OutboxRow Row, SentTransaction Transaction)> signed, CancellationToken cancellationToken)
    {
        var stored = await table.StoreAsync(signed, cancellationToken);
        var sendable = new List<OutboxRow>(signed.Count);
        foreach (var pack in signed.GroupBy(static s => s.Transaction.Signature))
        {
            var rows = pack
                .Where(s => stored.Contains(s.Row.Id))
                .Select(static s => s.Row with { Sent = s.Transaction, Signature = s.Transaction.Signature.ToString() })
                .ToList();
            if (rows.Count == pack.Count())
            {
                sendable.AddRange(rows);
            }
            else
            {
                // Another sender has one of them; this transaction is never sent.
                await table.SeparateAsync(rows, "Another process was first.", cancellationToken);
            }
        }

        return sendable;
    }

    private async Task<IEnumerable<(OutboxRow Row, SentTransaction Transaction)>> SignAsync(
        OutboxPack pack, LatestBlockhash latest, CancellationToken cancellationToken)
    {
        var (sent, fault) = await transactions.SignAsync(pack, latest, cancellationToken);
        if (sent is null)
        {
            foreach (var row in pack.Rows)
            {
                await closer.ParkAsync(row, fault!, cancellationToken);
            }

            return [];
        }

        // The same transaction again (a refused one, before the next blockhash) cannot be sent; the rows stay due.
        var signature = sent.Signature.ToString();
        return pack.Rows.Any(row => row.Signature == signature) ? [] : pack.Rows.Select(row => (row, sent));
    }

    private async Task FollowAsync(IReadOnlyList<OutboxRow> rows, CancellationToken cancellationToken)
    {
        var waiting = rows.ToList();
        var deadline = wallTime.UtcNow + FollowedFor;
        var delay = FirstPoll;
        while (waiting.Count > 0)
        {
            var statuses = await verdicts.StatusesAsync(waiting, searchHistory: false, cancellationToken);
            var decided = waiting
                .Zip(statuses)
                .Where(pair => pair.Second is { } status && status.Commitment >= options.Commitment)
                .Select(static pair => (pair.First, pair.Second!))
                .ToList();
            await verdicts.ActAsync(decided, cancellationToken);
            var closed = decided.Select(static pair => pair.First.Id).ToHashSet();
            _ = waiting.RemoveAll(row => closed.Contains(row.Id));
            if (waiting.Count == 0 || wallTime.UtcNow >= deadline)
            {
                return;
            }

            await wallTime.DelayAsync(delay, cancellationToken);
            delay = delay * 2 < LongestPoll ? delay * 2 : LongestPoll;
        }
    }
}
