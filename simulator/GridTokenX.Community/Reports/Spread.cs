using System.Globalization;

namespace GridTokenX.Community.Reports;

/// <summary>A figure of several runs: its mean and its standard deviation (of a sample, n − 1).</summary>
internal readonly record struct Spread(int Count, decimal Mean, decimal? Deviation)
{
    /// <summary>Null when no run has the figure.</summary>
    public static Spread? Of(IEnumerable<decimal?> values)
    {
        decimal[] known = [.. values.OfType<decimal>()];
        if (known.Length == 0)
        {
            return null;
        }

        var mean = known.Average();
        var squares = known.Sum(value => (value - mean) * (value - mean));
        return new Spread(
            known.Length,
            mean,
            known.Length == 1 ? null : (decimal)Math.Sqrt((double)(squares / (known.Length - 1))));
    }

    /// <summary>As <c>97.3 ± 0.4</c>; of a single run the value alone.</summary>
    public static string Text(IEnumerable<decimal?> values, int digits)
    {
        string Number(decimal value) =>
            Math.Round(value, digits).ToString($"F{digits}", CultureInfo.InvariantCulture);
        return Of(values) switch
        {
            null => "–",
            { Deviation: { } deviation } spread => $"{Number(spread.Mean)} ± {Number(deviation)}",
            { } alone => Number(alone.Mean),
        };
    }
}
