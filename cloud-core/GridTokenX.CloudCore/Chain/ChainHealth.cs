using GridTokenX.Protocol.Time;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Whether sender and indexer get through to the chain. Without it the API still works, so it is degraded, not
/// unhealthy.
/// </summary>
internal sealed class ChainHealth(OutboxTable table, WallTime wall) : IHealthCheck
{
    private long _faultSince = wall.UtcNow.UtcTicks;
    private long _indexerFaultSince;
    private long _behind;
    private volatile string? _fault = "The chain is not prepared yet.";
    private volatile string? _indexerFault;
    private volatile bool _isPrepared;

    /// <summary>The programs have been seen on chain, initialised for us.</summary>
    internal bool IsPrepared => _isPrepared;

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if ((_fault ?? _indexerFault) is { } fault)
        {
            return HealthCheckResult.Degraded(fault);
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
            var (sender, indexer) = (Interlocked.Read(ref _faultSince), Interlocked.Read(ref _indexerFaultSince));
            var since = sender == 0 || indexer == 0 ? Math.Max(sender, indexer) : Math.Min(sender, indexer);
            return since == 0 ? TimeSpan.Zero : wall.UtcNow - new DateTimeOffset(since, TimeSpan.Zero);
        }
    }

    /// <summary>
    /// Settlement numbers that the chain is ahead of our books; 0 when it is not, or was not asked yet.
    /// </summary>
    internal long Behind => Interlocked.Read(ref _behind);

    internal void BooksAreBehind(long numbers) => Interlocked.Exchange(ref _behind, numbers);

    internal void Prepared() => _isPrepared = true;

    internal void Worked()
    {
        _fault = null;
        _ = Interlocked.Exchange(ref _faultSince, 0);
    }

    internal void Failed(string reason)
    {
        _fault = reason;
        _ = Interlocked.CompareExchange(ref _faultSince, wall.UtcNow.UtcTicks, 0);
    }

    internal void IndexerWorked()
    {
        _indexerFault = null;
        _ = Interlocked.Exchange(ref _indexerFaultSince, 0);
    }

    internal void IndexerFailed(string reason)
    {
        _indexerFault = reason;
        _ = Interlocked.CompareExchange(ref _indexerFaultSince, wall.UtcNow.UtcTicks, 0);
    }
}
