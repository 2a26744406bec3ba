using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Fairness;

/// <summary>One side's energy at a limit price.</summary>
public readonly record struct Offer(WattHours Energy, PricePerKwh Limit);

/// <param name="Welfare">What buyers would have paid at most, less what sellers asked at least, rounded down.</param>
/// <param name="Volume">Energy traded.</param>
public readonly record struct MarketOutcome(MicroGrx Welfare, WattHours Volume);

/// <summary>
/// The most that a set of orders allows anybody, all of them known beforehand and whoever owns them: an upper bound
/// that no market exceeds. The largest welfare and the largest volume are two different matchings: welfare takes the
/// best bids and the best asks only, volume pairs as many as cross.
/// </summary>
public static class MeritOrder
{
    public static MarketOutcome Of(IEnumerable<EpochTrade> trades)
    {
        Int128 welfare = 0;
        var volume = WattHours.Zero;
        foreach (var trade in trades)
        {
            welfare += Surplus(trade.Energy, trade.BidLimit, trade.AskLimit);
            volume += trade.Energy;
        }

        return new MarketOutcome(ToMoney(welfare), volume);
    }

    public static MarketOutcome Maximum(IReadOnlyCollection<Offer> bids, IReadOnlyCollection<Offer> asks) =>
        new(MaximumWelfare(bids, asks), MaximumVolume(bids, asks));

    /// <summary>The highest bids against the lowest asks, down to the point where they no longer cross.</summary>
    private static MicroGrx MaximumWelfare(IReadOnlyCollection<Offer> bids, IReadOnlyCollection<Offer> asks)
    {
        Int128 welfare = 0;
        using var supply = asks.OrderBy(static ask => ask.Limit).GetEnumerator();
        var ask = default(Offer);
        foreach (var bid in bids.OrderByDescending(static bid => bid.Limit))
        {
            var wanted = bid.Energy;
            while (wanted > WattHours.Zero)
            {
                if (ask.Energy == WattHours.Zero)
                {
                    if (!supply.MoveNext())
                    {
                        return ToMoney(welfare);
                    }

                    ask = supply.Current;
                    continue;
                }

                if (ask.Limit > bid.Limit)
                {
                    return ToMoney(welfare);
                }

                var energy = WattHours.Min(wanted, ask.Energy);
                welfare += Surplus(energy, bid.Limit, ask.Limit);
                wanted -= energy;
                ask = ask with { Energy = ask.Energy - energy };
            }
        }

        return ToMoney(welfare);
    }

    /// <summary>
    /// The asks that a bid crosses are among those that every higher bid crosses, so serving the lowest bids first
    /// leaves the most for the others.
    /// </summary>
    private static WattHours MaximumVolume(IReadOnlyCollection<Offer> bids, IReadOnlyCollection<Offer> asks)
    {
        var cheapest = asks.OrderBy(static ask => ask.Limit).ToArray();
        var next = 0;
        var supply = WattHours.Zero;
        var volume = WattHours.Zero;
        foreach (var bid in bids.OrderBy(static bid => bid.Limit))
        {
            for (; next < cheapest.Length && cheapest[next].Limit <= bid.Limit; next++)
            {
                supply += cheapest[next].Energy;
            }

            var energy = WattHours.Min(bid.Energy, supply);
            supply -= energy;
            volume += energy;
        }

        return volume;
    }

    private static Int128 Surplus(WattHours energy, PricePerKwh bid, PricePerKwh ask) =>
        (Int128)energy.Value * (bid.Value - ask.Value);

    private static MicroGrx ToMoney(Int128 wattHoursTimesPrice) => new(checked((long)(wattHoursTimesPrice / 1_000)));
}
