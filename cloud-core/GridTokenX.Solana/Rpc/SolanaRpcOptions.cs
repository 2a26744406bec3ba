namespace GridTokenX.Solana.Rpc;

/// <summary>How sure a block must be before we look at it.</summary>
public enum Commitment
{
    None,

    /// <summary>Executed by the node that we ask; may still be dropped.</summary>
    Processed,

    /// <summary>Two thirds of the stake have voted for it.</summary>
    Confirmed,

    /// <summary>No longer reversible.</summary>
    Finalized,
}

public sealed record SolanaRpcOptions
{
    public required Uri Endpoint { get; init; }

    /// <summary>Used where a call does not name one.</summary>
    public Commitment Commitment { get; init; } = Commitment.Confirmed;

    /// <summary>For one attempt, until its answer is read whole.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts of one call, the first included. Only faults of the transport are tried again.</summary>
    public int MaxAttempts { get; init; } = 4;

    /// <summary>Before attempt n + 1 a random time up to this × 2^(n-1) passes, and at most <see cref="MaxDelay"/>.
    /// </summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    public int MaxResponseBytes { get; init; } = 64 * 1024 * 1024;

    /// <exception cref="InvalidOperationException">A value is out of range.</exception>
    public void Validate()
    {
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https"))
        {
            throw new InvalidOperationException("The RPC endpoint is an absolute http or https address.");
        }

        if (Commitment is Commitment.None || MaxAttempts < 1 || RequestTimeout <= TimeSpan.Zero
            || BaseDelay < TimeSpan.Zero || MaxDelay < BaseDelay || MaxResponseBytes < 1)
        {
            throw new InvalidOperationException(
                "The RPC client needs a commitment, at least one attempt, and positive times and sizes.");
        }
    }
}
