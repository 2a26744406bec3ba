using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Pricing;

/// <summary>Energy traded at a price, at an instant.</summary>
public readonly record struct PricedTrade(DateTimeOffset Time, WattHours Energy, PricePerKwh Price);

/// <summary>The trades of one interval [Start, Start + length).</summary>
/// <param name="Start">Aligned to the interval's length, UTC.</param>
/// <param name="Open">The first trade's price.</param>
/// <param name="High">The highest.</param>
/// <param name="Low">The lowest.</param>
/// <param name="Close">The last trade's.</param>
/// <param name="Volume">Sum of the energy.</param>
/// <param name="Average">Weighted by volume (VWAP), rounded down.</param>
public sealed record PriceBar(
    DateTimeOffset Start,
    PricePerKwh Open,
    PricePerKwh High,
    PricePerKwh Low,
    PricePerKwh Close,
    WattHours Volume,
    PricePerKwh Average);

public static class PriceHistory
{
    /// <summary>Σ energy × price / Σ energy, rounded down; null without energy.</summary>
    public static PricePerKwh? WeightedAverage(IEnumerable<PricedTrade> trades)
    {
        var (weighted, volume) = ((Int128)0, (Int128)0);
        foreach (var trade in trades)
        {
            weighted += (Int128)trade.Energy.Value * trade.Price.Value;
            volume += trade.Energy.Value;
        }

        return volume == 0 ? null : new PricePerKwh((long)(weighted / volume));
    }

    /// <summary>Intervals with trades, in order of time. Trades come in the order in which they happened.</summary>
    public static IEnumerable<PriceBar> Bars(IEnumerable<PricedTrade> trades, TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, TimeSpan.Zero);
        return trades
            .GroupBy(trade => trade.Time.UtcTicks - (trade.Time.UtcTicks % length.Ticks))
            .OrderBy(static bar => bar.Key)
            .Select(static bar => BarOf(bar.Key, [.. bar]));
    }

    private static PriceBar BarOf(long startTicks, PricedTrade[] trades) => new(
        new DateTimeOffset(startTicks, TimeSpan.Zero),
        trades[0].Price,
        trades.Max(static trade => trade.Price),
        trades.Min(static trade => trade.Price),
        trades[^1].Price,
        trades.Aggregate(WattHours.Zero, static (sum, trade) => sum + trade.Energy),
        WeightedAverage(trades) ?? trades[^1].Price);
}
