using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Clearing;

/// <param name="Price">One price for all that trade.</param>
/// <param name="Volume">What trades at it: the most that trades at any price.</param>
/// <param name="Imbalance">Demand at the price less supply at it.</param>
public readonly record struct AuctionPrice(PricePerKwh Price, WattHours Volume, WattHours Imbalance);

/// <summary>
/// The price of a call auction: of all whole prices those with the most volume, of these those with the least
/// imbalance, of these the one nearest to the midpoint of the marginal pair, which is rounded down. The marginal pair
/// is the last bid and the last ask that trade when the best are paired first.
/// </summary>
public static class UniformPrice
{
    /// <summary>Null when nothing crosses. Both sides by price, best first, each price once.</summary>
    public static AuctionPrice? Of(IReadOnlyList<DepthLevel> bids, IReadOnlyList<DepthLevel> asks)
    {
        if (MarginalPair(bids, asks) is not (var bid, var ask, var volume))
        {
            return null;
        }

        // Volume is at its most exactly from the marginal ask to the marginal bid.
        var (low, high, imbalance) = LeastImbalance(bids, asks, ask, bid);
        var midpoint = ask + ((bid - ask) / 2);
        var price = Math.Clamp(midpoint, low, high);
        return new AuctionPrice(new PricePerKwh(price), volume, imbalance(price));
    }

    private static (long Bid, long Ask, WattHours Volume)? MarginalPair(
        IReadOnlyList<DepthLevel> bids, IReadOnlyList<DepthLevel> asks)
    {
        (long, long, WattHours)? pair = null;
        var volume = WattHours.Zero;
        var (bid, ask) = (0, 0);
        var (wanted, offered) = (WattHours.Zero, WattHours.Zero);
        while (bid < bids.Count && ask < asks.Count && bids[bid].Price >= asks[ask].Price)
        {
            wanted = wanted == WattHours.Zero ? bids[bid].Energy : wanted;
            offered = offered == WattHours.Zero ? asks[ask].Energy : offered;
            var energy = WattHours.Min(wanted, offered);
            volume += energy;
            pair = (bids[bid].Price.Value, asks[ask].Price.Value, volume);
            wanted -= energy;
            offered -= energy;
            bid += wanted == WattHours.Zero ? 1 : 0;
            ask += offered == WattHours.Zero ? 1 : 0;
        }

        return pair;
    }

    /// <summary>
    /// Demand falls and supply grows with the price, so the prices with the least imbalance are neighbours. Both
    /// change only at an ask's price and just above a bid's.
    /// </summary>
    private static (long Low, long High, Func<long, WattHours> Imbalance) LeastImbalance(
        IReadOnlyList<DepthLevel> bids, IReadOnlyList<DepthLevel> asks, long from, long to)
    {
        var steps = asks.Select(static ask => ask.Price.Value)
            .Concat(bids.Select(static bid => bid.Price.Value + 1))
            .Where(price => price > from && price <= to)
            .Append(from)
            .Distinct()
            .Order()
            .ToArray();
        var demand = new Running(bids.Reverse());
        var supply = new Running(asks);
        var all = bids.Aggregate(WattHours.Zero, static (sum, bid) => sum + bid.Energy);
        var imbalances = Array.ConvertAll(steps, price =>
            all - demand.Through(price - 1) - supply.Through(price));
        var least = imbalances.Min(static imbalance => Math.Abs(imbalance.Value));
        var first = Array.FindIndex(imbalances, imbalance => Math.Abs(imbalance.Value) == least);
        var last = Array.FindLastIndex(imbalances, imbalance => Math.Abs(imbalance.Value) == least);
        var end = last + 1 < steps.Length ? steps[last + 1] - 1 : to;
        return (steps[first], end, price => imbalances[Array.FindLastIndex(steps, step => step <= price)]);
    }

    /// <summary>Energy up to a price, asked for with growing prices.</summary>
    private sealed class Running(IEnumerable<DepthLevel> ascending)
    {
        private readonly DepthLevel[] _levels = [.. ascending];
        private int _next;
        private WattHours _sum;

        internal WattHours Through(long price)
        {
            for (; _next < _levels.Length && _levels[_next].Price.Value <= price; _next++)
            {
                _sum += _levels[_next].Energy;
            }

            return _sum;
        }
    }
}
