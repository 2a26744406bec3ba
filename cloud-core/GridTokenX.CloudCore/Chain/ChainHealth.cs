using GridTokenX.Protocol.Time;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Whether sender and indexer get through to the chain. Without it the API still works, so it is degraded, not
/// unhealthy.
/// </summary>
internal sealed class ChainHealth(OutboxTable table, WallTime wall) : IHealthCheck
{
    private Fault? _senderFault = new("The chain is not prepared yet.", wall.UtcNow);
    private Fault? _indexerFault;
    private long _behind;
    private volatile bool _isPrepared;

    /// <summary>The programs have been seen on chain, initialised for us.</summary>
    internal bool IsPrepared => _isPrepared;

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if ((Volatile.Read(ref _senderFault) ?? Volatile.Read(ref _indexerFault)) is { } fault)
        {
            return HealthCheckResult.Degraded(fault.Reason);
        }

        var counts = await table.CountAsync(cancellationToken);
        return counts.Parked == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"{counts.Parked} transactions are parked and need a hand.");
    }

    /// <summary>How long sender or indexer have not got through; zero when both do.</summary>
    internal TimeSpan Trouble
    {
        get
        {
            var now = wall.UtcNow;
            var (sender, indexer) = (For(Volatile.Read(ref _senderFault)), For(Volatile.Read(ref _indexerFault)));
            return sender > indexer ? sender : indexer;

            TimeSpan For(Fault? fault) => fault is null ? TimeSpan.Zero : now - fault.Since;
        }
    }

    /// <summary>
    /// Settlement numbers that the chain is ahead of our books; 0 when it is not, or was not asked yet.
    /// </summary>
    internal long Behind => Interlocked.Read(ref _behind);

    internal void BooksAreBehind(long numbers) => Interlocked.Exchange(ref _behind, numbers);

    internal void Prepared() => _isPrepared = true;

    internal void Worked() => Volatile.Write(ref _senderFault, null);

    internal void Failed(string reason) => Began(ref _senderFault, reason);

    internal void IndexerWorked() => Volatile.Write(ref _indexerFault, null);

    internal void IndexerFailed(string reason) => Began(ref _indexerFault, reason);

    /// <summary>Each fault has one writer, its loop; a new reason does not make it younger.</summary>
    private void Began(ref Fault? fault, string reason) =>
        Volatile.Write(ref fault, new Fault(reason, fault?.Since ?? wall.UtcNow));

    private sealed record Fault(string Reason, DateTimeOffset Since);
}
