namespace GridTokenX.CloudCore.Simulation;

/// <summary>Moves market time and does all the work that falls due, before it answers. One advance at a time.</summary>
internal sealed class SimulationDriver(
    MarketClock clock, IEnumerable<IMarketWorker> workers, ILogger<SimulationDriver> logger)
    : IDisposable
{
    /// <summary>
    /// A pass runs every worker once. More passes than this at one instant mean that some worker never comes to an
    /// end.
    /// </summary>
    internal const int MaxPasses = 10_000;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly IReadOnlyList<IMarketWorker> _workers =
        [.. workers.OrderBy(static worker => worker.Order).ThenBy(
            static worker => worker.Name, StringComparer.Ordinal)];

    /// <summary>
    /// False when the time lies before the present one. The same time again only looks for work left over, so a
    /// request whose answer was lost can be repeated.
    /// </summary>
    internal async Task<bool> AdvanceAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (!clock.TrySet(now))
            {
                return false;
            }

            var done = await RunUntilIdleAsync(cancellationToken);
            Log.Advanced(logger, now, done);
            return true;
        }
        finally
        {
            _ = _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<long> RunUntilIdleAsync(CancellationToken cancellationToken)
    {
        if (_workers.Count == 0)
        {
            return 0;
        }

        var total = 0L;
        var idle = 0;
        for (var pass = 0; pass < MaxPasses; pass++)
        {
            foreach (var worker in _workers)
            {
                var done = await worker.RunOnceAsync(cancellationToken);
                total += done;

                // Those that have found nothing since anybody has found something find nothing still.
                idle = done == 0 ? idle + 1 : 0;
                if (idle == _workers.Count)
                {
                    return total;
                }
            }
        }

        throw new InvalidOperationException($"The workers still found work after {MaxPasses} passes.");
    }
}
