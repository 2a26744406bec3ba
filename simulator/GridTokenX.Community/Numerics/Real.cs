namespace GridTokenX.Community.Numerics;

/// <summary>
/// Elementary functions from additions, multiplications, divisions and square roots alone. IEEE 754 defines those to
/// the last bit and .NET never fuses them, so a model gives the same number on every processor and every C library;
/// <c>Math.Sin</c> and its kind come from the platform and do not. Error below 1e-13, relative or absolute, in the
/// ranges that the models use (tested against the platform's functions).
/// </summary>
internal static class Real
{
    public const double Pi = 3.141592653589793;
    public const double DegreesToRadians = Pi / 180;

    private const double HalfPiHigh = 1.5707963267341256; // 33 bits: a multiple of it is exact
    private const double HalfPiLow = 6.077100506506192e-11;
    private const double Ln2High = 0.6931471803691238;
    private const double Ln2Low = 1.9082149292705877e-10;
    private const double Sqrt3 = 1.7320508075688772;

    /// <summary>For |x| up to 10^5.</summary>
    public static double Sin(double x) => OfQuadrant(x, 0);

    /// <summary>For |x| up to 10^5.</summary>
    public static double Cos(double x) => OfQuadrant(x, 1);

    public static double Exp(double x)
    {
        if (x < -700)
        {
            return 0;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(x, 700);
        var halvings = Math.Round(x / 0.6931471805599453);
        var r = x - (halvings * Ln2High) - (halvings * Ln2Low);
        double sum = 1;
        for (var n = 13; n >= 1; n--)
        {
            sum = 1 + (sum * r / n);
        }

        return Math.ScaleB(sum, (int)halvings);
    }

    /// <summary>Natural logarithm of a positive number.</summary>
    public static double Log(double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(x);
        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        double sum = 0;
        for (var n = 21; n >= 1; n -= 2)
        {
            sum = (sum * square) + (1.0 / n);
        }

        return (2 * s * sum) + (exponent * Ln2Low) + (exponent * Ln2High);
    }

    /// <summary>A positive base to any exponent; 0 to a positive one is 0.</summary>
    public static double Pow(double x, double y) => x <= 0 ? 0 : Exp(y * Log(x));

    public static double Atan2(double y, double x)
    {
        if (x is 0 && y is 0)
        {
            return 0;
        }

        var angle = Math.Abs(y) <= Math.Abs(x)
            ? Atan(Math.Abs(y) / Math.Abs(x))
            : (Pi / 2) - Atan(Math.Abs(x) / Math.Abs(y));
        angle = x < 0 ? Pi - angle : angle;
        return y < 0 ? -angle : angle;
    }

    public static double Asin(double x) => Atan2(x, Math.Sqrt(Math.Max(0, 1 - (x * x))));

    public static double Acos(double x) => (Pi / 2) - Asin(Math.Clamp(x, -1, 1));

    /// <summary>Share of a standard normal below x: Abramowitz and Stegun 26.2.17, error below 7.5e-8.</summary>
    public static double NormalCdf(double x)
    {
        var t = 1 / (1 + (0.2316419 * Math.Abs(x)));
        var tail = t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937
            + (t * (-1.821255978 + (t * 1.330274429))))))));
        var below = 0.3989422804014327 * Exp(-x * x / 2) * tail;
        return x < 0 ? below : 1 - below;
    }

    private static double OfQuadrant(double x, int shift)
    {
        var turns = Math.Round(x / (Pi / 2));
        var r = x - (turns * HalfPiHigh) - (turns * HalfPiLow);
        var quadrant = ((int)turns + shift) & 3;
        var value = (quadrant & 1) == 0 ? SinNearZero(r) : CosNearZero(r);
        return quadrant >= 2 ? -value : value;
    }

    private static double SinNearZero(double r)
    {
        var square = r * r;
        double sum = 1;
        for (var n = 16; n >= 2; n -= 2)
        {
            sum = 1 - (sum * square / (n * (n + 1)));
        }

        return r * sum;
    }

    private static double CosNearZero(double r)
    {
        var square = r * r;
        double sum = 1;
        for (var n = 17; n >= 1; n -= 2)
        {
            sum = 1 - (sum * square / (n * (n + 1)));
        }

        return sum;
    }

    /// <summary>For 0 ≤ x ≤ 1.</summary>
    private static double Atan(double x)
    {
        const double TanOfTwelfth = 0.2679491924311227;
        var offset = 0.0;
        if (x > TanOfTwelfth)
        {
            x = ((x * Sqrt3) - 1) / (x + Sqrt3);
            offset = Pi / 6;
        }

        var square = x * x;
        double sum = 0;
        for (var n = 25; n >= 1; n -= 2)
        {
            sum = (1.0 / n) - (sum * square);
        }

        return offset + (x * sum);
    }
}
