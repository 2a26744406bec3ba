using GridTokenX.Community.Numerics;

namespace GridTokenX.Community.Weather;

/// <summary>The distribution of wind speeds: below v with probability 1 − exp(−(v/scale)^shape).</summary>
internal static class Weibull
{
    /// <summary>The shape that is usual inland.</summary>
    public const double Rayleigh = 2;

    /// <summary>Γ(1 + 1/2): the mean of a Weibull distribution of shape 2 and scale 1.</summary>
    private const double MeanOfRayleigh = 0.886226925452758;

    /// <summary>Of Lanczos' approximation of the gamma function (SIAM J. Numer. Anal. B 1, 1964), g = 7.</summary>
    private static readonly double[] Lanczos =
    [
        676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
        -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    public static double ScaleOf(double mean, double shape = Rayleigh) =>
        mean / (IsRayleigh(shape) ? MeanOfRayleigh : Gamma(1 + (1 / shape)));

    public static double Quantile(double share, double scale, double shape = Rayleigh)
    {
        var exponent = -Real.Log(Math.Max(1 - share, 1e-9));
        return scale * (IsRayleigh(shape) ? Math.Sqrt(exponent) : Real.Pow(exponent, 1 / shape));
    }

    public static double Below(double speed, double scale, double shape = Rayleigh) => 1 - Real.Exp(
        -(IsRayleigh(shape) ? speed / scale * (speed / scale) : Real.Pow(speed / scale, shape)));

    /// <summary>For which squares and roots do, which cost less than powers.</summary>
    private static bool IsRayleigh(double shape) => Math.Abs(shape - Rayleigh) < 1e-12;

    /// <summary>From 1 to 2.</summary>
    public static double Gamma(double value)
    {
        var x = value - 1;
        var sum = 0.99999999999980993;
        for (var i = 0; i < Lanczos.Length; i++)
        {
            sum += Lanczos[i] / (x + i + 1);
        }

        var t = x + 7.5;
        return Math.Sqrt(2 * Real.Pi) * Real.Pow(t, x + 0.5) * Real.Exp(-t) * sum;
    }
}
