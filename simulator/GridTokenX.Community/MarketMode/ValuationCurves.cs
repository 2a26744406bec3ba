using GridTokenX.Community.Agents;
using GridTokenX.Community.Scenarios;
using GridTokenX.Community.Weather;
using GridTokenX.Market.Matching;

namespace GridTokenX.Community.MarketMode;

/// <summary>
/// What homes wanted to buy and to sell at which valuation, by hour of the day over the whole run: 24 × 41 sums.
/// Prices stand in steps between feed-in and the highest retail price; a valuation counts at the step below it when it
/// buys, above it when it sells, so that the curves never show more than was there.
/// </summary>
internal sealed class ValuationCurves(Prices prices)
{
    public const int Hours = 24;
    public const int Steps = 40;

    private readonly long[,] _bids = new long[Hours, Steps + 1];
    private readonly long[,] _asks = new long[Hours, Steps + 1];
    private readonly long _width = Math.Max(1, Math.Max(prices.OnPeak, prices.OffPeak) - prices.FeedIn);

    public void Add(in EpochTime time, in Stance stance, long energyWh)
    {
        var above = (Int128)Math.Clamp(stance.Valuation - prices.FeedIn, 0, _width) * Steps;
        if (stance.Side == Side.Bid)
        {
            _bids[time.Quarter / 4, (int)(above / _width)] += energyWh;
        }
        else
        {
            _asks[time.Quarter / 4, (int)((above + _width - 1) / _width)] += energyWh;
        }
    }

    /// <summary>µGRX per kWh of each step.</summary>
    public IReadOnlyList<long> PriceSteps =>
        [.. Enumerable.Range(0, Steps + 1).Select(step => prices.FeedIn + (long)((Int128)_width * step / Steps))];

    /// <summary>Wh that homes would have bought at each step's price, in all days.</summary>
    public long[] Demand(int hour)
    {
        var demand = new long[Steps + 1];
        var sum = 0L;
        for (var step = Steps; step >= 0; step--)
        {
            demand[step] = sum += _bids[hour, step];
        }

        return demand;
    }

    /// <summary>Wh that homes would have sold at each step's price, in all days.</summary>
    public long[] Supply(int hour)
    {
        var supply = new long[Steps + 1];
        var sum = 0L;
        for (var step = 0; step <= Steps; step++)
        {
            supply[step] = sum += _asks[hour, step];
        }

        return supply;
    }
}
