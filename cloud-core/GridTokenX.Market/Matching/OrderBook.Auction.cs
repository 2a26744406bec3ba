using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Matching;

/// <content>The other clearing rule: what has gathered trades at one price.</content>
public sealed partial class OrderBook<TListener>
{
    /// <summary>
    /// What an auction now would give if every order could be filled in part; null when nothing crosses.
    /// </summary>
    public AuctionPrice? IndicativePrice() => UniformPrice.Of(
        [.. Depth(Side.Bid).TakeWhile(level => level.Price.Value >= _dynamicPrice)], [.. Depth(Side.Ask)]);

    /// <summary>
    /// Matches what crosses in a call auction; all at its price, in the order of the bids. Null when nothing crosses.
    /// A fill-or-kill order is filled whole or not at all; whatever is not filled stays.
    /// </summary>
    /// <exception cref="InvalidOperationException">In a book of exact quantities, where no price serves a
    /// volume.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such rationing.</exception>
    public AuctionPrice? Auction(Rationing rationing)
    {
        if (rationing is not (Rationing.Time or Rationing.ProRata))
        {
            throw new ArgumentOutOfRangeException(nameof(rationing), rationing, "There is no such rationing.");
        }

        if (_rules.ExactQuantity)
        {
            throw new InvalidOperationException("An auction fills in part, which exact quantities exclude.");
        }

        var bids = Orders(Side.Bid).TakeWhile(bid => bid.Limit.Value >= _dynamicPrice).ToArray();
        if (CallAuction.Hold(bids, [.. Orders(Side.Ask)], rationing) is not { } held)
        {
            return null;
        }

        foreach (var match in held.Matches)
        {
            MatchAt(held.Price.Price, match);
        }

        return held.Price;
    }

    private void MatchAt(PricePerKwh price, AuctionMatch match)
    {
        var (bidSlot, askSlot) = (_pool.Find(match.Bid), _pool.Find(match.Ask));
        ref var bid = ref _pool[bidSlot];
        ref var ask = ref _pool[askSlot];
        var (bidLimit, askLimit) = (_bids[bid.Level].Key, -_asks[ask.Level].Key);
        Fill(bidSlot, ref bid, _bids, match.Energy.Value);
        Fill(askSlot, ref ask, _asks, match.Energy.Value);
        Report(
            match.Bid, bidLimit, bid.Energy, bid.Rest, match.Ask, askLimit, ask.Rest, match.Energy.Value, price.Value);
    }
}
