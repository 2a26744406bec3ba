namespace GridTokenX.Protocol.Time;

/// <summary>
/// The clock of the real network: retries, back-off, time-outs, freshness of requests. Market time
/// (<see cref="TimeProvider"/>) stands still between the steps of a simulation; this one runs on.
/// </summary>
public sealed record WallTime(TimeProvider Clock)
{
    public DateTimeOffset UtcNow => Clock.GetUtcNow();

    public Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        Task.Delay(delay, Clock, cancellationToken);
}
