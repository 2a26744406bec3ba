using GridTokenX.Community.Numerics;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.Devices;

/// <param name="PeakKw">DC power at 1,000 W/m² and 25 °C.</param>
/// <param name="TiltDegrees">0 lies flat.</param>
/// <param name="AzimuthDegrees">From north over east: 180 looks south.</param>
/// <param name="InverterKw">AC power is cut off here; 0 for as much as the array.</param>
internal sealed record PvOptions(double PeakKw, double TiltDegrees, double AzimuthDegrees, double InverterKw);

/// <summary>
/// A roof. Irradiance on the plane: J. E. Hay and J. A. Davies (1980), with an albedo of 0.2. Cell temperature by the
/// nominal operating cell temperature (IEC 61215: 45 °C at 800 W/m² and 20 °C). Power falls by 0.4 % a kelvin; losses
/// of 14 % and an inverter of 96 % are PVWatts' defaults (A. Dobos, NREL/TP-6A20-62641, 2014).
/// </summary>
internal sealed class PvArray
{
    private const double Albedo = 0.2;
    private const double NominalCellC = 45;
    private const double PerKelvin = -0.004;
    private const double SystemShare = (1 - 0.14) * 0.96;

    private readonly double _peakW;
    private readonly double _mostW;
    private readonly double _east;
    private readonly double _north;
    private readonly double _up;
    private EnergyCarry _carry = EnergyCarry.Empty;

    public PvArray(PvOptions options)
    {
        _peakW = options.PeakKw * 1_000;
        _mostW = (options.InverterKw > 0 ? options.InverterKw : options.PeakKw) * 1_000;
        var tilt = options.TiltDegrees * Real.DegreesToRadians;
        var azimuth = options.AzimuthDegrees * Real.DegreesToRadians;
        _east = Real.Sin(tilt) * Real.Sin(azimuth);
        _north = Real.Sin(tilt) * Real.Cos(azimuth);
        _up = Real.Cos(tilt);
    }

    /// <summary>Energy of the epoch, Wh.</summary>
    public long Step(in EpochWeather weather) => weather.Sky.Global <= 0 ? 0 : _carry.FromWatts(Power(weather));

    public double Power(in EpochWeather weather)
    {
        var plane = OnPlane(weather.Sun, weather.Sky);
        var cell = CellTemperature(plane, weather.TemperatureC);
        var power = DcPower(_peakW, plane, cell, PerKelvin) * SystemShare;
        return Math.Clamp(power, 0, _mostW);
    }

    /// <summary>W/m² on the tilted plane.</summary>
    public double OnPlane(in SolarPosition sun, in Irradiance sky)
    {
        if (sky.Extraterrestrial <= 0)
        {
            return 0;
        }

        return (sky.Beam * CosIncidence(sun)) + FromSky(sun, sky) + (sky.Global * Albedo * (1 - _up) / 2);
    }

    /// <summary>The diffuse part of it: some of it comes from around the sun.</summary>
    public double FromSky(in SolarPosition sun, in Irradiance sky)
    {
        var anisotropy = sky.Beam / sky.Extraterrestrial;
        var ratio = CosIncidence(sun) / Math.Max(sun.Up, 0.01745);
        return sky.Diffuse * ((anisotropy * ratio) + ((1 - anisotropy) * Isotropic(_up)));
    }

    /// <summary>PVWatts' module: DC power by the irradiance on the plane, W/m², and the cell's temperature.</summary>
    public static double DcPower(double peak, double plane, double cellC, double perKelvin) =>
        peak * plane / 1_000 * (1 + (perKelvin * (cellC - 25)));

    private double CosIncidence(in SolarPosition sun) =>
        Math.Max(0, (_east * sun.East) + (_north * sun.North) + (_up * sun.Up));

    public static double CellTemperature(double plane, double air) => air + ((NominalCellC - 20) / 800 * plane);

    /// <summary>Of a uniform sky, what a plane sees.</summary>
    public static double Isotropic(double cosTilt) => (1 + cosTilt) / 2;
}
