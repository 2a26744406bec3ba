using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.Sending;

/// <summary>What must be stored to send a transaction exactly once: its bytes, its id, and until when it can land.
/// </summary>
/// <param name="MayHaveBeenSent">The bytes may have reached the chain before (after a crash, say). A refusal by the
/// node is then not final, as the first copy may still land.</param>
public sealed record SignedTransaction(
    Signature Signature, ReadOnlyMemory<byte> Wire, ulong LastValidBlockHeight, bool MayHaveBeenSent = false)
{
    /// <summary>From a fully signed transaction and the blockhash that was put into it.</summary>
    public static SignedTransaction From(Transaction transaction, LatestBlockhash blockhash) => transaction switch
    {
        { IsFullySigned: false } => throw new ArgumentException("Signatures are missing.", nameof(transaction)),
        _ when transaction.Message.RecentBlockhash != blockhash.Blockhash =>
            throw new ArgumentException("The transaction has another blockhash.", nameof(blockhash)),
        _ => new SignedTransaction(transaction.Id, transaction.Serialize(), blockhash.LastValidBlockHeight),
    };
}

public enum SubmissionStatus
{
    None,

    /// <summary>Landed and succeeded, at the commitment asked for.</summary>
    Confirmed,

    /// <summary>Landed and failed; its fee is paid, nothing else happened.</summary>
    Failed,

    /// <summary>The node tried it, it failed, and it never went out: it will not land.</summary>
    Rejected,

    /// <summary>It did not land and no longer can: the same instructions may be signed anew.</summary>
    Expired,
}

/// <param name="Slot">Where it landed.</param>
/// <param name="Error">For Failed and Rejected.</param>
/// <param name="Logs">For Failed (if the node still has them) and Rejected.</param>
public sealed record SubmissionOutcome(
    Signature Signature, SubmissionStatus Status, ulong? Slot, TransactionError? Error, IReadOnlyList<string> Logs)
{
    /// <summary>Throws unless it is confirmed.</summary>
    /// <exception cref="TransactionNotConfirmedException">It failed, was rejected or expired.</exception>
    public SubmissionOutcome RequireConfirmed() =>
        Status == SubmissionStatus.Confirmed ? this : throw new TransactionNotConfirmedException(this);
}

/// <summary>The chain has decided against the transaction, see <see cref="Outcome"/>.</summary>
public sealed class TransactionNotConfirmedException(SubmissionOutcome outcome)
    : SolanaException($"Transaction {outcome.Signature}: {outcome.Status}"
        + (outcome.Error is { } error ? $", {error}" : "")
        + (outcome.Logs.Count > 0 ? $"\n{string.Join('\n', outcome.Logs)}" : ""))
{
    public SubmissionOutcome Outcome { get; } = outcome;
}

/// <summary>No decision within the time allowed. The transaction may still land: submit the same bytes again.</summary>
public sealed class TransactionUndecidedException(Signature signature, TimeSpan waited)
    : SolanaException($"Transaction {signature} is undecided after {waited.TotalSeconds} s.")
{
    public Signature Signature { get; } = signature;
}
