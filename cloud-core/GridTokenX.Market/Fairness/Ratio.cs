namespace GridTokenX.Market.Fairness;

/// <summary>Shares of a whole, as decimals of six places.</summary>
public static class Ratio
{
    /// <summary>Rounded toward zero, so that 1 means all of it; null when the whole is nothing.</summary>
    public static decimal? Of(decimal part, decimal whole) =>
        whole == 0 ? null : decimal.Round(part / whole, 6, MidpointRounding.ToZero);
}
