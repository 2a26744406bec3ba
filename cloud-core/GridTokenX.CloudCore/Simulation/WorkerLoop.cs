using System.Collections.Concurrent;
using GridTokenX.CloudCore.Operations;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Time;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GridTokenX.CloudCore.Simulation;

/// <summary>Which workers failed the last time they ran, and why.</summary>
internal sealed class WorkerHealth : IHealthCheck
{
    private readonly ConcurrentDictionary<string, string> _failing = new(StringComparer.Ordinal);

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_failing.IsEmpty
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded(string.Join("; ", _failing.Select(static f => $"{f.Key}: {f.Value}"))));

    internal int FailingCount => _failing.Count;

    /// <returns>False when this was so already.</returns>
    internal bool Failed(string worker, string reason)
    {
        var isNew = !_failing.TryGetValue(worker, out var last) || last != reason;
        _failing[worker] = reason;
        return isNew;
    }

    internal void Worked(string worker) => _failing.TryRemove(worker, out _);
}

/// <summary>
/// Runs every worker in a loop of its own, for ever; a failing one backs off and never ends the process.
/// </summary>
internal sealed class WorkerLoops(
    IEnumerable<IMarketWorker> workers,
    DatabaseReadiness database,
    TimeProvider marketTime,
    WallTime wall,
    WorkerHealth health,
    Heartbeat heartbeat,
    ILogger<WorkerLoops> logger) : BackgroundService
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitAsync(stoppingToken);
        await Task.WhenAll(workers.Select(worker => LoopAsync(worker, stoppingToken)));
    }

    private async Task LoopAsync(IMarketWorker worker, CancellationToken stoppingToken)
    {
        var interval = worker.Interval > ShortestInterval ? worker.Interval : ShortestInterval;
        var backOff = FirstBackOff;
        while (!stoppingToken.IsCancellationRequested)
        {
            if (await TryRunAsync(worker, stoppingToken))
            {
                backOff = FirstBackOff;
                await Task.Delay(interval, marketTime, stoppingToken);
            }
            else
            {
                await wall.DelayAsync(backOff, stoppingToken);
                backOff = TimeSpan.FromTicks(Math.Min(backOff.Ticks * 2, LongestBackOff.Ticks));
            }
        }
    }

    private async Task<bool> TryRunAsync(IMarketWorker worker, CancellationToken stoppingToken)
    {
        heartbeat.Begins(worker.Name);
        try
        {
            while (await worker.RunOnceAsync(stoppingToken) > 0)
            {
                stoppingToken.ThrowIfCancellationRequested();
                heartbeat.Begins(worker.Name);
            }

            health.Worked(worker.Name);
            return true;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            throw;
        }
        catch (ZonesFailedException exception)
        {
            // The other zones have been served, and go on at their pace.
            if (health.Failed(worker.Name, exception.Message))
            {
                Log.WorkerFailed(logger, exception, worker.Name);
            }

            return true;
        }
#pragma warning disable CA1031 // Whatever is wrong with one worker, the others and the API go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _ = health.Failed(worker.Name, exception.Message);
            Log.WorkerFailed(logger, exception, worker.Name);
            return false;
        }
        finally
        {
            heartbeat.Ends(worker.Name);
        }
    }
}

internal static class WorkerLoopsSetup
{
    internal static void AddWorkerLoops(this IServiceCollection services) =>
        _ = services
            .AddSingleton<WorkerHealth>()
            .AddHostedService<WorkerLoops>()
            .AddHealthChecks().AddCheck<WorkerHealth>("workers");
}
