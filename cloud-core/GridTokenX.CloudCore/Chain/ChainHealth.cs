using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// Whether sender and indexer get through to the chain. Without it the API still works, so it is degraded, not
/// unhealthy.
/// </summary>
internal sealed class ChainHealth(OutboxTable table) : IHealthCheck
{
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

    internal void Prepared() => _isPrepared = true;

    internal void Worked() => _fault = null;

    internal void Failed(string reason) => _fault = reason;

    internal void IndexerWorked() => _indexerFault = null;

    internal void IndexerFailed(string reason) => _indexerFault = reason;
}
