using GridTokenX.Solana;
using GridTokenX.Solana.PubSub;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Reads what happened while nobody listened: the programs' transactions since the cursors, oldest first.
/// </summary>
internal sealed class ChainHistory(
    SolanaRpcClient rpc,
    EnergyPrograms programs,
    ChainEventStore store,
    TransactionEvents events,
    SolanaOptions options)
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
        var read = await Task.WhenAll(succeeded.Select(async info =>
            (Info: info, Transaction: await FetchAsync(info.Signature, cancellationToken))));
        var transactions = new List<IndexedTransaction>(read.Length);
        foreach (var (info, transaction) in read)
        {
            transactions.Add(await IndexedAsync(
                info.Signature, transaction, info.BlockTime, transactions, cancellationToken));
        }

        var cursors = batch
            .GroupBy(static entry => entry.Program)
            .Select(static entries => entries.Last())
            .Select(static last => new ChainCursor(last.Program, last.Info.Signature, (long)last.Info.Slot))
            .ToList();
        await store.StoreAsync(transactions, cursors, cancellationToken);
    }

    /// <summary>What somebody heard of as it happened; the log that came along may not be whole.</summary>
    /// <param name="slot">Where it landed.</param>
    /// <param name="heard">Of a transaction that succeeded.</param>
    /// <param name="earlier">What happened before, as far as it is not stored yet.</param>
    /// <param name="cancellationToken">Of the indexer.</param>
    /// <exception cref="SolanaException">The RPC does not answer, or not usefully.</exception>
    public async Task<IndexedTransaction> HeardAsync(
        ulong slot,
        LogsNotification heard,
        IReadOnlyList<IndexedTransaction> earlier,
        CancellationToken cancellationToken)
    {
        var read = programs.Events.Read(heard.Logs);
        return read.IsWhole
            ? new IndexedTransaction(heard.Signature, checked((long)slot), BlockTime: null, read.Places)
            : await IndexedAsync(
                heard.Signature,
                await FetchAsync(heard.Signature, cancellationToken),
                time: null,
                earlier,
                cancellationToken);
    }

    private async Task<ConfirmedTransaction> FetchAsync(Signature signature, CancellationToken cancellationToken) =>
        await rpc.GetTransactionAsync(signature, options.Commitment, cancellationToken)
            ?? throw new SolanaTransportException(
                $"getTransaction: the node names {signature} but does not have it.", isTransient: true);

    private async Task<IndexedTransaction> IndexedAsync(
        Signature signature,
        ConfirmedTransaction transaction,
        long? time,
        IReadOnlyList<IndexedTransaction> earlier,
        CancellationToken cancellationToken)
    {
        return new IndexedTransaction(
            signature,
            checked((long)transaction.Slot),
            (transaction.BlockTime ?? time) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
            await events.ReadAsync(
                signature, transaction, earlier.SelectMany(static one => one.Events), cancellationToken));
    }

    private sealed record Found(PublicKey Program, SignatureInfo Info);
}
