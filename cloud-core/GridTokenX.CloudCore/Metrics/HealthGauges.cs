using System.Diagnostics.Metrics;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Simulation;

namespace GridTokenX.CloudCore.Metrics;

/// <summary>What the checks of this process say, as numbers that an alarm can be set on.</summary>
internal sealed class HealthGauges
{
    /// <param name="factory">Makes the instruments.</param>
    /// <param name="chain">Of sender and indexer.</param>
    /// <param name="books">Of the reconciliation that goes on by itself.</param>
    /// <param name="workers">Null in a simulation, which runs them itself.</param>
    public HealthGauges(IMeterFactory factory, ChainHealth chain, ReconciliationWatch books, WorkerHealth? workers)
    {
        var meter = factory.Create(CloudMetrics.MeterName);
        void Gauge(string name, string help, Func<double> read) =>
            meter.CreateObservableGauge(name, read, null, help);
        Gauge(
            "gtx_chain_trouble_seconds",
            "How long the chain has not been got through to; 0: it is.",
            () => Math.Max(0, chain.Trouble.TotalSeconds));
        Gauge(
            "gtx_books_behind_chain",
            "Settlement numbers that the chain is ahead of an old database; nothing is sent then.",
            () => chain.Behind);
        Gauge("gtx_workers_failing", "Workers whose last round failed.", () => workers?.FailingCount ?? 0);
        Gauge(
            "gtx_reconciliation_differences",
            "Differences between books and chain, as of the last reconciliation.",
            () => books.Differences);
        Gauge(
            "gtx_reconciliation_age_seconds",
            "Since the last reconciliation that came to an end; -1: none yet.",
            () => books.Age?.TotalSeconds ?? -1);
    }
}
