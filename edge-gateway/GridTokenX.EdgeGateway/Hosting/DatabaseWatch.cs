using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>Raises and clears the alarms about the file as a whole.</summary>
internal sealed class DatabaseWatch(
    Alarms alarms, Heartbeat heartbeat, WallTime wall, ILogger<DatabaseWatch> logger) : IDatabaseEvents
{
    /// <summary>
    /// So long a recovery is shown, unless somebody has seen it before; by a clock that nobody sets.
    /// </summary>
    internal static readonly TimeSpan ShowRecovery = TimeSpan.FromDays(7);

    private readonly Lock _lock = new();
    private long? _recovered;

    public void Opened() => alarms.Clear(Alarms.DatabaseClosed);

    public void Unavailable(string why) =>
        alarms.Raise(Alarms.DatabaseClosed, $"The buffer on the disk cannot be used: {why}");

    public void Recovering() => heartbeat.RecoveryGoesOn();

    public void Recovered(string damage, RecoveryReport report)
    {
        lock (_lock)
        {
            _recovered = wall.Clock.GetTimestamp();
        }

        Log.DatabaseRecovered(logger, damage, report.SetAside, report.Readings, report.Dropped, report.Fault);
        alarms.Raise(
            Alarms.DatabaseRecovered,
            report.Fault is null
                ? $"The buffer was damaged; {report.Readings} readings were recovered. The damaged file is kept."
                : $"The buffer was damaged and nothing could be recovered ({report.Fault}). The damaged file is kept.");
    }

    /// <summary>An old recovery is no alarm any more.</summary>
    internal void Tidy()
    {
        lock (_lock)
        {
            if (_recovered is not { } at || wall.Clock.GetElapsedTime(at) < ShowRecovery)
            {
                return;
            }

            _recovered = null;
        }

        alarms.Clear(Alarms.DatabaseRecovered);
    }
}
