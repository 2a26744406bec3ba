using GridTokenX.Community.Numerics;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Devices;

/// <summary>
/// One household's load: the shape, shifted by up to an hour, times a factor for each quarter hour whose mean is 1:
/// most of the time a little below, and in one of twelve quarter hours an oven or a kettle at three times the mean.
/// </summary>
internal sealed class HouseholdLoad(LoadShape shape, double annualKwh, Draws draws)
{
    private const double PeakShare = 1.0 / 12;
    private const double PeakFactor = 3;
    private const double OtherFactor = (1 - (PeakShare * PeakFactor)) / (1 - PeakShare);

    private readonly int _shift = (int)draws.Between(-1, 0, -4L, 4L);
    private EnergyCarry _carry = EnergyCarry.Empty;

    /// <summary>Energy of the epoch, Wh.</summary>
    public long Step(in EpochTime time)
    {
        var quarter = (time.Quarter + _shift + EpochTime.PerDay) % EpochTime.PerDay;
        return _carry.FromWatts(shape.Watts(time, quarter) * annualKwh * Variation(time.Epoch));
    }

    internal double Variation(long epoch)
    {
        var peak = draws.Unit(epoch, 0) < PeakShare;
        return draws.Between(epoch, 1, 0.7, 1.3) * (peak ? PeakFactor : OtherFactor);
    }
}
