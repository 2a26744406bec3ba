using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.PubSub;

public sealed record PubSubOptions
{
    public required Uri Endpoint { get; init; }

    public Commitment Commitment { get; init; } = Commitment.Confirmed;

    /// <summary>For connecting, and for the node's answer to a subscription.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Before the n-th reconnection in a row a random time up to this × 2^(n-1) passes, and at most
    /// <see cref="MaxDelay"/>.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After so many failures in a row, without one message between them, every subscription ends with
    /// <see cref="SolanaTransportException"/>.</summary>
    public int MaxFailures { get; init; } = 20;

    /// <summary>Notifications that wait in one subscription for their reader. One more, and the subscription ends with
    /// <see cref="SubscriptionOverflowException"/>: nothing is dropped silently.</summary>
    public int BufferCapacity { get; init; } = 4096;

    public int MaxMessageBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>A connection that does not answer a ping within this time is given up.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(20);

    /// <exception cref="InvalidOperationException">A value is out of range.</exception>
    public void Validate()
    {
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("ws" or "wss"))
        {
            throw new InvalidOperationException("The PubSub endpoint is an absolute ws or wss address.");
        }

        if (Commitment is Commitment.None || RequestTimeout <= TimeSpan.Zero || BaseDelay < TimeSpan.Zero
            || KeepAlive <= TimeSpan.Zero || MaxDelay < BaseDelay
            || MaxFailures < 1 || BufferCapacity < 1 || MaxMessageBytes < 1)
        {
            throw new InvalidOperationException("The PubSub client needs positive times, counts and sizes.");
        }
    }
}
