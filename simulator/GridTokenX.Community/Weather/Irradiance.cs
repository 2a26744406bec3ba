using GridTokenX.Community.Numerics;

namespace GridTokenX.Community.Weather;

/// <summary>
/// What the sky sends, W/m²: on a horizontal plane, straight from the sun, and from the rest of the sky.
/// </summary>
/// <param name="Global">Global horizontal.</param>
/// <param name="Beam">Direct normal.</param>
/// <param name="Diffuse">Diffuse horizontal.</param>
/// <param name="Extraterrestrial">Normal, above the atmosphere.</param>
internal readonly record struct Irradiance(double Global, double Beam, double Diffuse, double Extraterrestrial)
{
    private const double SolarConstant = 1361.1;

    public static Irradiance Night => default;

    /// <summary>
    /// Clear sky: P. Ineichen and R. Perez, "A new airmass independent formulation for the Linke turbidity
    /// coefficient", Solar Energy 73 (2002) 151–157.
    /// </summary>
    public static Irradiance Clear(
        double cosZenith, double absoluteAirMass, double turbidity, double altitudeM, double extraterrestrial)
    {
        if (cosZenith <= 0)
        {
            return Night;
        }

        var f1 = Real.Exp(-altitudeM / 8000);
        var f2 = Real.Exp(-altitudeM / 1250);
        var c1 = (5.09e-5 * altitudeM) + 0.868;
        var c2 = (3.92e-5 * altitudeM) + 0.0387;
        var global = c1 * extraterrestrial * cosZenith
            * Real.Exp(-c2 * absoluteAirMass * (f1 + (f2 * (turbidity - 1))));
        var b = 0.664 + (0.163 / f1);
        var beam = extraterrestrial * b * Real.Exp(-0.09 * absoluteAirMass * (turbidity - 1));
        var most = global * (1 - ((0.1 - (0.2 * Real.Exp(-turbidity))) / (0.1 + (0.882 / f1)))) / cosZenith;
        beam = Math.Max(0, Math.Min(beam, most));
        return new Irradiance(global, beam, global - (beam * cosZenith), extraterrestrial);
    }

    /// <summary>
    /// The clear sky behind clouds that let a share through (the clear-sky index). The split into beam and diffuse is
    /// that of D. G. Erbs, S. A. Klein and J. A. Duffie, Solar Energy 28 (1982) 293–302, never less diffuse than the
    /// clear sky.
    /// </summary>
    public Irradiance Behind(double clearSkyIndex, double cosZenith)
    {
        if (cosZenith <= 0 || Global <= 0)
        {
            return Night;
        }

        var global = Global * clearSkyIndex;
        var clearness = global / (Extraterrestrial * cosZenith);
        var share = Math.Max(DiffuseShare(clearness) * (1 - Clearness(clearSkyIndex)), Diffuse / Global);
        var diffuse = global * Math.Min(1, share);
        return new Irradiance(global, (global - diffuse) / cosZenith, diffuse, Extraterrestrial);
    }

    public static double DiffuseShare(double clearness)
    {
        if (clearness <= 0.22)
        {
            return 1 - (0.09 * clearness);
        }

        return clearness > 0.8
            ? 0.165
            : 0.9511 + (clearness * (-0.1604 + (clearness * (4.388 + (clearness * (-16.638 + (clearness * 12.336)))))));
    }

    /// <summary>
    /// Relative air mass: F. Kasten and A. T. Young, Applied Optics 28 (1989) 4735–4738.
    /// </summary>
    public static double AirMass(double zenithDegrees) => 1 / (Real.Cos(zenithDegrees * Real.DegreesToRadians)
        + (0.50572 * Real.Pow(96.07995 - Math.Min(zenithDegrees, 90), -1.6364)));

    /// <summary>By the day of the year: the Earth's distance changes it by 3.3 %.</summary>
    public static double ExtraterrestrialOn(int dayOfYear) =>
        SolarConstant * (1 + (0.033 * Real.Cos(2 * Real.Pi * dayOfYear / 365)));

    /// <summary>Without clouds (index 0.98 up) the clear sky's own split holds; below 0.9 Erbs' alone.</summary>
    private static double Clearness(double index) => Math.Clamp((index - 0.9) / 0.08, 0, 1);
}
