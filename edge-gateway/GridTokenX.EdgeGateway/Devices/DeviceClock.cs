namespace GridTokenX.EdgeGateway.Devices;

/// <summary>
/// Judges a device's clock by what arrives. A reading from the future tells at once; one from the past may only be late
/// (kept in flash while the gateway was away), so it takes two in a row that came as far apart as they were made.
/// </summary>
internal sealed class DeviceClock
{
    /// <summary>A clock this far off is told and flagged.</summary>
    internal static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(2);

    /// <summary>Live readings come this regularly.</summary>
    private static readonly TimeSpan Rhythm = TimeSpan.FromSeconds(30);

    private (long Sequence, DateTimeOffset Made, DateTimeOffset Came)? _last;

    /// <summary>How far the clock is ahead (positive) or behind; null while it is not known to be off.</summary>
    internal TimeSpan? Offset { get; private set; }

    internal void Saw(long sequence, DateTimeOffset made, DateTimeOffset came)
    {
        var last = _last;
        if (last is { } older && sequence <= older.Sequence)
        {
            return;
        }

        _last = (sequence, made, came);
        var ahead = made - came;
        if (ahead > Tolerance)
        {
            Offset = ahead;
        }
        else if (ahead >= -Tolerance)
        {
            Offset = null;
        }
        else if (last is { } before
            && sequence == before.Sequence + 1
            && made - before.Made > Rhythm
            && (came - before.Came - (made - before.Made)).Duration() <= Rhythm)
        {
            Offset = ahead;
        }
        else if (Offset > TimeSpan.Zero)
        {
            Offset = null;
        }
    }
}
