using System.Collections.Concurrent;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Hosting;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Operations;

/// <summary>
/// Tells systemd that the market's work goes on. Each worker that has gone round beats it, whatever came of that, and
/// it does not reach systemd while another one stands still in a step: a process that is alive and does nothing is
/// started anew, and goes on where it was.
/// </summary>
internal sealed class Heartbeat(ServiceNotifier notifier, WallTime wall)
{
    /// <summary>A worker that fails waits so long at most, and others go round more often.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>No step takes so long: statements, requests and locks all end sooner.</summary>
    internal static readonly TimeSpan Stuck = TimeSpan.FromMinutes(15);

    /// <summary>systemd's queue of messages is short, and twenty workers go round at once.</summary>
    private static readonly TimeSpan LeastBetween = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _busySince = new(StringComparer.Ordinal);
    private long _fedAt;
    private long _beats;

    /// <summary>How often the watchdog was fed.</summary>
    internal long Beats => Interlocked.Read(ref _beats);

    /// <summary>A worker begins a step.</summary>
    internal void Begins(string worker) => _busySince[worker] = wall.UtcNow;

    /// <summary>It has gone round.</summary>
    internal void Ends(string worker)
    {
        _ = _busySince.TryRemove(worker, out _);
        var now = wall.UtcNow;
        var fedAt = Interlocked.Read(ref _fedAt);
        if (now.UtcTicks - fedAt >= LeastBetween.Ticks
            && !_busySince.Any(busy => now - busy.Value > Stuck)
            && Interlocked.CompareExchange(ref _fedAt, now.UtcTicks, fedAt) == fedAt)
        {
            _ = Interlocked.Increment(ref _beats);
            notifier.Send("WATCHDOG=1");
        }
    }
}

/// <summary>Ready for systemd when the database is there and its schema fits; the chain is not asked for.</summary>
internal sealed class ServiceStates(ServiceNotifier notifier, DatabaseReadiness database) : BackgroundService
{
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        notifier.Send("STOPPING=1");
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        notifier.Send("STATUS=Waiting for the database.");
        await database.WaitAsync(stoppingToken);
        notifier.Send("READY=1\nSTATUS=Serves.");
    }
}
