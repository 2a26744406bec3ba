using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Takes intents in the database transaction of their cause; a worker sends them.</summary>
public interface IChainOutbox
{
    /// <summary>Writes the intents with one statement. An intent id that is there already is passed over.</summary>
    Task EnqueueAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ChainIntent> intents, CancellationToken cancellationToken);

    /// <summary>The same as a command of a batch; at least one intent.</summary>
    NpgsqlBatchCommand Enqueuing(IReadOnlyList<ChainIntent> intents);

    /// <summary>Wakes the sender; called after the commit. A missed call costs a poll interval, nothing else.</summary>
    void Wake();
}

/// <summary>An intent that is final on chain, and the transaction that did it.</summary>
public sealed record ConfirmedIntent(ChainIntent Intent, string Signature);

/// <summary>
/// What the rest of the cloud core does when the chain has answered. Runs in the database transaction that closes the
/// outbox rows, so an effect happens exactly once.
/// </summary>
public interface IChainEffect
{
    bool Handles(ChainIntent intent);

    Task ConfirmedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken);

    /// <summary>
    /// The chain executed and refused the intent. True: that is final and has been dealt with. False: it is tried
    /// again, at most ten times, then parked for a hand.
    /// </summary>
    Task<bool> RefusedAsync(
        NpgsqlTransaction transaction, ChainIntent intent, string error, CancellationToken cancellationToken);

    /// <summary>The row was parked after its last attempt; somebody has to look at it.</summary>
    Task ParkedAsync(NpgsqlTransaction transaction, ChainIntent intent, CancellationToken cancellationToken);
}
