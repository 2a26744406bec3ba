using GridTokenX.Protocol.Hosting;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>
/// Tells systemd that the gateway does its work. The forwarder beats it each time it has gone round, whatever the cloud
/// answers, and it does not reach systemd while the intake stands still: a process that is alive and does nothing is
/// started anew.
/// </summary>
internal sealed class Heartbeat(ServiceNotifier notifier, WallTime wall)
{
    /// <summary>The forwarder goes round at least this often; the watchdog must wait several times as long.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    /// <summary>Work at hand for this long without a step of it.</summary>
    internal static readonly TimeSpan Stuck = TimeSpan.FromMinutes(2);

    private long _busySince;
    private long _beats;

    /// <summary>How often the watchdog was fed.</summary>
    internal long Beats => Interlocked.Read(ref _beats);

    /// <summary>The intake begins a piece of work.</summary>
    internal void IntakeBegins() => Interlocked.Exchange(ref _busySince, wall.UtcNow.UtcTicks);

    /// <summary>The intake has done it.</summary>
    internal void IntakeEnds() => Interlocked.Exchange(ref _busySince, 0);

    internal void Beat()
    {
        var busySince = Interlocked.Read(ref _busySince);
        if (busySince != 0 && wall.UtcNow.UtcTicks - busySince > Stuck.Ticks)
        {
            return;
        }

        Feed();
    }

    /// <summary>Everybody waits for a damaged file to be recovered, and that makes progress.</summary>
    internal void RecoveryGoesOn()
    {
        _ = Interlocked.Exchange(ref _busySince, 0);
        Feed();
    }

    private void Feed()
    {
        _ = Interlocked.Increment(ref _beats);
        notifier.Send("WATCHDOG=1");
    }
}
