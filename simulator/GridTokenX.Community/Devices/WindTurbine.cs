using GridTokenX.Community.Numerics;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Devices;

/// <param name="RatedKw">At 11 m/s.</param>
/// <param name="HubM">Height above ground.</param>
internal sealed record WindOptions(double RatedKw, double HubM);

/// <summary>
/// A small turbine with the shape of a published power curve: Bergey Excel 10, WindCAD performance model of 2011
/// (kW at 1, 2, … 20 m/s). Wind at 10 m is brought to the hub by the power law with exponent 0.143 (one seventh).
/// </summary>
internal sealed class WindTurbine
{
    public const double CurveRatedKw = 8.86;

    private const double ShearExponent = 0.143;
    private const double CutOutMs = 20;

    private static readonly double[] CurveKw =
    [
        0, 0, 0, 0.10, 0.40, 0.85, 1.51, 2.40, 3.60, 5.07, 6.86, 8.86, 10.88, 12.09, 12.39, 12.49, 12.55, 12.50, 12.44,
        12.21, 11.99,
    ];

    private readonly double _scale;
    private readonly double _toHub;
    private EnergyCarry _carry = EnergyCarry.Empty;

    public WindTurbine(WindOptions options)
    {
        _scale = options.RatedKw / CurveRatedKw;
        _toHub = Real.Pow(options.HubM / 10, ShearExponent);
    }

    /// <summary>Energy of the epoch, Wh.</summary>
    public long Step(in EpochWeather weather) => _carry.FromWatts(CurveAt(weather.WindMs * _toHub) * _scale * 1_000);

    /// <summary>kW at a speed at the hub, between the published points on straight lines.</summary>
    public static double CurveAt(double speed)
    {
        if (speed >= CutOutMs)
        {
            return 0;
        }

        var below = (int)speed;
        return CurveKw[below] + ((speed - below) * (CurveKw[below + 1] - CurveKw[below]));
    }
}
