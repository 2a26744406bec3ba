using GridTokenX.Protocol.Time;

namespace GridTokenX.Simulator.Tests;

/// <summary>Time that stands still: how long a command took is then no part of what it says.</summary>
internal static class StoppedTime
{
    internal static WallTime Wall { get; } = new(new StoppedClock());

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
