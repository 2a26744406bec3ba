using GridTokenX.Mqtt;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>
/// A worker that is never stuck: whatever it did not foresee is logged, and it begins again after a while. Expected
/// faults are handled where they arise.
/// </summary>
internal abstract class SupervisedService(WallTime wall, ILogger logger) : BackgroundService
{
    private static readonly ReconnectDelays Delays = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>A worker that has gone on for so long is not in trouble: its next fault is the first again.</summary>
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(10);

    protected WallTime Wall { get; } = wall;

    protected abstract Task RunAsync(CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the starting thread: the other parts start meanwhile.
        await Task.Yield();
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = Wall.Clock.GetTimestamp();
#pragma warning disable CA1031 // A fault nobody foresaw must not end the gateway.
            try
            {
                await RunAsync(stoppingToken);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.WorkerFailed(logger, GetType().Name, exception);
                failures = Wall.Clock.GetElapsedTime(began) > StableAfter ? 0 : failures;
                await Wall.DelayAsync(Delays.Next(failures++), stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
#pragma warning restore CA1031
        }
    }
}
