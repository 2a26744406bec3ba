using System.Diagnostics.CodeAnalysis;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.PubSub;

/// <summary>What a subscription delivers: a value, or the mark of a gap. After a gap the connection had been lost, and
/// whatever happened in between was not delivered: read it over RPC.</summary>
/// <param name="Slot">Where the value is from; 0 for a gap.</param>
public readonly record struct Notification<T>(ulong Slot, T? Value)
    where T : class
{
    [MemberNotNullWhen(false, nameof(Value))]
    public bool IsGap => Value is null;
}

/// <param name="Error">Null when the transaction succeeded.</param>
public sealed record SignatureNotification(TransactionError? Error);

public sealed record LogsNotification(Signature Signature, TransactionError? Error, IReadOnlyList<string> Logs);

public sealed record SlotNotification(ulong Slot, ulong Parent, ulong Root);

/// <summary>The reader was too slow: the buffer was full, and the subscription ended there.</summary>
public sealed class SubscriptionOverflowException(string method, int capacity)
    : SolanaException($"{method}: the reader is more than {capacity} notifications behind.");
