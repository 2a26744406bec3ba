using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Tests.Support;

/// <summary>A computer's clock that is set while timers run on: what a time service does after a start.</summary>
internal sealed class JumpingTime(DateTimeOffset start) : TimeProvider
{
    private readonly SteppedTime _monotonic = new(start);
    private TimeSpan _jumped;

    public override DateTimeOffset GetUtcNow() => _monotonic.GetUtcNow() + _jumped;

    public override long TimestampFrequency => _monotonic.TimestampFrequency;

    public override long GetTimestamp() => _monotonic.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _monotonic.CreateTimer(callback, state, dueTime, period);

    internal void Advance(TimeSpan by) => _monotonic.Advance(by);

    internal void SetTo(DateTimeOffset now) => _jumped += now - GetUtcNow();
}
