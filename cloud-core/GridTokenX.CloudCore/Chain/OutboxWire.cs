using GridTokenX.Protocol.Time;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Hands stored transactions to the RPC, each once however many rows it stands on.</summary>
internal sealed class OutboxWire(
    SolanaRpcClient rpc,
    OutboxTable table,
    OutboxCloser closer,
    SolanaOptions options,
    WallTime wallTime,
    ILogger<OutboxWire> logger) : IDisposable
{
    private const int MaxParallelSends = 32;

    // Without preflight: what the simulation of one node says is no verdict. The ledger's is, and it never changes.
    private static readonly SendOptions Sending = new() { SkipPreflight = true };

    private readonly SemaphoreSlim _sends = new(MaxParallelSends, MaxParallelSends);

    /// <summary>
    /// Sends in parallel; returns the rows that may have arrived, and a fault of the way there, if there was one.
    /// </summary>
    public async Task<(IEnumerable<OutboxRow> Taken, SolanaException? Fault)> SendAsync(
        IReadOnlyList<OutboxRow> rows, CancellationToken cancellationToken)
    {
        var packs = rows.GroupBy(static row => row.Sent!.Signature).Select(static pack => pack.ToList()).ToList();
        var sends = await Task.WhenAll(packs.Select(pack => SendAsync(pack, cancellationToken)));
        return (
            packs.Where((_, i) => sends[i].IsTaken).SelectMany(static pack => pack),
            sends.FirstOrDefault(static send => send.Fault is not null).Fault);
    }

    public void Dispose() => _sends.Dispose();

    private async Task<(bool IsTaken, SolanaException? Fault)> SendAsync(
        List<OutboxRow> pack, CancellationToken cancellationToken)
    {
        await _sends.WaitAsync(cancellationToken);
        try
        {
            _ = await rpc.SendTransactionAsync(pack[0].Sent!.Wire, Sending, cancellationToken);
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
            foreach (var row in pack)
            {
                await NotTakenAsync(row, refusal, cancellationToken);
            }

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
}
