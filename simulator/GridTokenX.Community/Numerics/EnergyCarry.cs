namespace GridTokenX.Community.Numerics;

/// <summary>
/// Turns a model's power into the whole watt-hours of an epoch. What is left over is carried to the next one, so that
/// the sum of all epochs is the exact sum rounded down, however long a run is.
/// </summary>
internal struct EnergyCarry
{
    public const double HoursPerEpoch = 0.25;
    public const long MicroWhPerWh = 1_000_000;

    private int _residueMicroWh;

    public static EnergyCarry Empty => default;

    /// <summary>The mean power of an epoch, in W, from 0 up; rounded to the nearest µWh.</summary>
    public long FromWatts(double watts) => FromMicroWh((long)Math.Round(watts * HoursPerEpoch * MicroWhPerWh));

    public long FromMicroWh(long microWh)
    {
        var (whole, residue) = Math.DivRem(_residueMicroWh + microWh, MicroWhPerWh);
        _residueMicroWh = (int)residue;
        return whole;
    }
}
