using GridTokenX.Community.Numerics;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Devices;

/// <param name="Cools">An air conditioner.</param>
/// <param name="Heats">A heat pump; may be the same machine.</param>
/// <param name="PowerW">Electric, at most.</param>
/// <param name="ResistanceKelvinPerKw">Between inside and outside.</param>
/// <param name="CapacityKwhPerKelvin">Of the room or house.</param>
/// <param name="CoolAboveC">Where cooling holds the room.</param>
/// <param name="HeatBelowC">Where heating holds the room.</param>
internal sealed record ClimateOptions(
    bool Cools, bool Heats, double PowerW, double ResistanceKelvinPerKw, double CapacityKwhPerKelvin,
    double CoolAboveC, double HeatBelowC);

/// <summary>
/// One zone, one resistance, one capacity (the 1R1C model of ISO 13790's family): C dT/dt = (Tout − T)/R + gains +
/// heat pumped, solved exactly over the quarter hour. The machine runs at part load so that the room ends at its set
/// point, up to its power. Heat per electricity: cooling 4.6 − 0.08 (Tout − 25), heating 3.2 + 0.06 (Tout − 7), each
/// within 1.5 and 6: lines through the rating points of ordinary inverter machines (EN 14511: 35 °C, 7 °C).
/// </summary>
internal sealed class RoomClimate
{
    private const double InternalGainsKw = 0.25;
    private const double SolarApertureM2 = 1.5;

    private readonly ClimateOptions _options;
    private readonly double _keeps;
    private EnergyCarry _carry = EnergyCarry.Empty;

    public RoomClimate(ClimateOptions options, double startC)
    {
        _options = options;
        _keeps = Real.Exp(
            -EnergyCarry.HoursPerEpoch / (options.ResistanceKelvinPerKw * options.CapacityKwhPerKelvin));
        TemperatureC = startC;
    }

    public double TemperatureC { get; private set; }

    /// <summary>What the machine draws in the epoch, Wh.</summary>
    public long Step(in EpochWeather weather)
    {
        var gains = InternalGainsKw + (SolarApertureM2 * weather.Sky.Global / 1_000);
        return _carry.FromWatts(Step(weather.TemperatureC, gains));
    }

    /// <summary>The mean electric power of the quarter hour, W.</summary>
    public double Step(double outsideC, double gainsKw)
    {
        var r = _options.ResistanceKelvinPerKw;
        var free = After(outsideC + (r * gainsKw));
        double watts = 0;
        double heatKw = 0;
        if (_options.Cools && free > _options.CoolAboveC)
        {
            var performance = CoolingPerformance(outsideC);
            watts = Math.Min(_options.PowerW, HeatFor(_options.CoolAboveC, free) / performance * -1_000);
            heatKw = -watts / 1_000 * performance;
        }
        else if (_options.Heats && free < _options.HeatBelowC)
        {
            var performance = HeatingPerformance(outsideC);
            watts = Math.Min(_options.PowerW, HeatFor(_options.HeatBelowC, free) / performance * 1_000);
            heatKw = watts / 1_000 * performance;
        }

        TemperatureC = After(outsideC + (r * (gainsKw + heatKw)));
        return watts;
    }

    public static double CoolingPerformance(double outsideC) => Math.Clamp(4.6 - (0.08 * (outsideC - 25)), 1.5, 6);

    public static double HeatingPerformance(double outsideC) => Math.Clamp(3.2 + (0.06 * (outsideC - 7)), 1.5, 6);

    /// <summary>Where the room is after a quarter hour on its way to this temperature.</summary>
    private double After(double equilibrium) => equilibrium + ((TemperatureC - equilibrium) * _keeps);

    /// <summary>Heat, kW, that makes the difference at the end of the quarter hour.</summary>
    private double HeatFor(double wanted, double free) =>
        (wanted - free) / (_options.ResistanceKelvinPerKw * (1 - _keeps));
}
