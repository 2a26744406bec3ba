namespace GridTokenX.Simulator.Profiles;

/// <summary>
/// Turns energy into the whole watt-hours that a meter counts. What is left over is carried to the next interval, so
/// that a register is always the exact sum rounded down.
/// </summary>
internal sealed class EnergyCounter
{
    public const long MicrowattSecondsPerWh = 3_600_000_000;

    private long _residue;

    /// <summary>All whole watt-hours counted so far.</summary>
    public long TotalWh { get; private set; }

    /// <summary>Adds energy; returns the watt-hours that became whole with it.</summary>
    public long Add(long microwattSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(microwattSeconds);
        var (whole, residue) = Math.DivRem(_residue + microwattSeconds, MicrowattSecondsPerWh);
        _residue = residue;
        TotalWh += whole;
        return whole;
    }
}
