namespace GridTokenX.Benchmarks;

/// <summary>Where the middle half of what was measured lies.</summary>
internal readonly record struct Spread(double Lower, double Median, double Upper)
{
    /// <summary>Between two neighbours in proportion.</summary>
    /// <exception cref="InvalidOperationException">Nothing was measured.</exception>
    internal static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        if (sorted.Count == 0)
        {
            throw new InvalidOperationException("Nothing was measured.");
        }

        double At(double share)
        {
            var place = share * (sorted.Count - 1);
            var below = (int)place;
            var above = Math.Min(below + 1, sorted.Count - 1);
            return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
        }

        return new Spread(At(0.25), At(0.5), At(0.75));
    }
}
