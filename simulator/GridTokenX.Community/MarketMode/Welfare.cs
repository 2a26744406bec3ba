using GridTokenX.Market.Fairness;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Community.MarketMode;

/// <summary>
/// What trades were worth by the homes' own valuations, not by the limits they showed, against the most possible.
/// </summary>
internal sealed class Welfare
{
    private readonly List<Offer> _bids = [];
    private readonly List<Offer> _asks = [];

    public void Clear()
    {
        _bids.Clear();
        _asks.Clear();
    }

    public void AddBid(long energyWh, long valuation) =>
        _bids.Add(new Offer(new WattHours(energyWh), new PricePerKwh(valuation)));

    public void AddAsk(long energyWh, long valuation) =>
        _asks.Add(new Offer(new WattHours(energyWh), new PricePerKwh(valuation)));

    public MarketOutcome Most() => MeritOrder.Maximum(_bids, _asks);

    /// <summary>In the unit of <see cref="MarketOutcome"/>: µGRX, rounded down once for all trades.</summary>
    public static long Of(List<Trade> trades, long[] valuations)
    {
        Int128 sum = 0;
        foreach (var trade in trades)
        {
            sum += (Int128)trade.ArrivingWh * (valuations[trade.Buyer] - valuations[trade.Seller]);
        }

        return checked((long)(sum / 1_000));
    }
}
