namespace GridTokenX.Protocol.Units;

internal static class FixedPoint
{
    /// <summary>
    /// Scales a decimal of an API to a whole number of units; false when it would have to round or overflow.
    /// </summary>
    internal static bool TryScale<T>(decimal value, long unitsPerWhole, out T result, Func<long, T> create)
    {
        result = create(0);
        if (Math.Abs(value) > long.MaxValue / (decimal)unitsPerWhole)
        {
            return false;
        }

        var scaled = value * unitsPerWhole;
        if (decimal.Truncate(scaled) != scaled)
        {
            return false;
        }

        result = create((long)scaled);
        return true;
    }
}
