using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Reads what happened while nobody listened: the programs' transactions since the cursors, oldest first.
/// </summary>
internal sealed class ChainHistory(
    SolanaRpcClient rpc,
    EnergyPrograms programs,
    ChainEventStore store,
    SolanaOptions options,
    ILogger<ChainHistory> logger)
{
    /// <summary>Kept in memory at a time; of a longer history the oldest part comes first.</summary>
    internal const int MaxKept = 20_000;
    private const int PageSize = 1_000;
    private const int BatchSize = 64;

    /// <summary>Returns when nothing newer than the cursors is left; how many transactions it found.</summary>
    /// <exception cref="SolanaException">The RPC does not answer, or not usefully.</exception>
    public async Task<int> CatchUpAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        while (true)
        {
            var cursors = await store.CursorsAsync(cancellationToken);
            var found = new List<Found>();
            var isComplete = true;
            foreach (var program in programs.Ids)
            {
                var (signatures, isWhole) = await SinceAsync(
                    program, cursors.GetValueOrDefault(program), cancellationToken);
                found.AddRange(signatures.Select(info => new Found(program, info)));
                isComplete &= isWhole;
            }

            // Stable: within a slot each program's own order stays.
            foreach (var batch in found.OrderBy(static entry => entry.Info.Slot).Chunk(BatchSize))
            {
                await StoreAsync(batch, cancellationToken);
            }

            total += found.Count;
            if (isComplete)
            {
                return total;
            }
        }
    }

    /// <summary>Oldest first; not whole when the newest of too many were left for the next time.</summary>
    private async Task<(IReadOnlyList<SignatureInfo> Signatures, bool IsWhole)> SinceAsync(
        PublicKey program, ChainCursor? cursor, CancellationToken cancellationToken)
    {
        var kept = new Queue<SignatureInfo>();
        var isWhole = true;
        Signature? before = null;
        while (true)
        {
            var page = await rpc.GetSignaturesForAddressAsync(
                program, PageSize, before, cursor?.Signature, options.Commitment, cancellationToken);
            foreach (var info in page)
            {
                // A node that does not know the cursor's signature gives everything.
                if (cursor is not null && (long)info.Slot < cursor.Slot)
                {
                    return ([.. kept.Reverse()], isWhole);
                }

                kept.Enqueue(info);
                if (kept.Count > MaxKept)
                {
                    _ = kept.Dequeue();
                    isWhole = false;
                }
            }

            if (page.Count < PageSize)
            {
                return ([.. kept.Reverse()], isWhole);
            }

            before = page[^1].Signature;
        }
    }

    private async Task StoreAsync(IReadOnlyList<Found> batch, CancellationToken cancellationToken)
    {
        var succeeded = batch
            .Where(static entry => entry.Info.Error is null)
            .Select(static entry => entry.Info)
            .DistinctBy(static info => info.Signature);
        var transactions = await Task.WhenAll(succeeded.Select(info => ReadAsync(info, cancellationToken)));
        var cursors = batch
            .GroupBy(static entry => entry.Program)
            .Select(static entries => entries.Last())
            .Select(static last => new ChainCursor(last.Program, last.Info.Signature, (long)last.Info.Slot))
            .ToList();
        await store.StoreAsync(transactions, cursors, cancellationToken);
    }

    private async Task<IndexedTransaction> ReadAsync(SignatureInfo info, CancellationToken cancellationToken)
    {
        var transaction = await rpc.GetTransactionAsync(info.Signature, options.Commitment, cancellationToken)
            ?? throw new SolanaTransportException(
                $"getTransaction: the node lists {info.Signature} but does not have it.", isTransient: true);
        var time = transaction.BlockTime ?? info.BlockTime;
        return Indexed(programs, logger, info.Signature, info.Slot, time, transaction.Logs);
    }

    /// <summary>What a successful transaction's log says; the operator hears of what cannot be read.</summary>
    internal static IndexedTransaction Indexed(
        EnergyPrograms programs,
        ILogger logger,
        Signature signature,
        ulong slot,
        long? time,
        IReadOnlyList<string> logs)
    {
        var read = programs.Events.Read(logs);
        if (read.IsTruncated || read.Unreadable.Count > 0)
        {
            Log.EventsUnreadable(logger, signature.ToString(), read.IsTruncated, read.Unreadable.Count);
        }

        return new IndexedTransaction(
            signature,
            checked((long)slot),
            time is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
            read.Events);
    }

    private sealed record Found(PublicKey Program, SignatureInfo Info);
}
