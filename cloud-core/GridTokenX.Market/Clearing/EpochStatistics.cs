using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Clearing;

/// <summary>A match of the epoch with the limits of its two orders.</summary>
public readonly record struct EpochTrade(
    WattHours Energy, PricePerKwh Price, PricePerKwh BidLimit, PricePerKwh AskLimit);

/// <summary>What an epoch traded. Prices are null without trades.</summary>
/// <param name="Volume">Sum of the energy.</param>
/// <param name="Trades">How many.</param>
/// <param name="ClearingPrice">Weighted by volume, rounded down: floor(Σ energy × price / Σ energy).</param>
/// <param name="High">Highest price.</param>
/// <param name="Low">Lowest price.</param>
public sealed record EpochStatistics(
    WattHours Volume, int Trades, PricePerKwh? ClearingPrice, PricePerKwh? High, PricePerKwh? Low)
{
    public static EpochStatistics Of(IReadOnlyCollection<EpochTrade> trades)
    {
        if (trades.Count == 0)
        {
            return new EpochStatistics(WattHours.Zero, 0, null, null, null);
        }

        var volume = WattHours.Zero;
        Int128 weighted = 0;
        foreach (var trade in trades)
        {
            volume += trade.Energy;
            weighted += (Int128)trade.Energy.Value * trade.Price.Value;
        }

        return new EpochStatistics(
            volume,
            trades.Count,
            new PricePerKwh((long)(weighted / volume.Value)),
            trades.Max(static trade => trade.Price),
            trades.Min(static trade => trade.Price));
    }
}
