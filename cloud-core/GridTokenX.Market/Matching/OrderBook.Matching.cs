using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Matching;

/// <content>Who trades with whom.</content>
public sealed partial class OrderBook<TListener>
{
    /// <summary>
    /// One cycle: each bid in its turn, the best first, takes the best asks it may. Afterwards nothing that may trade
    /// is left crossed. Of use while orders are gathered; a continuous book has nothing left to match.
    /// </summary>
    public void Match()
    {
        for (var level = _bids.Best; level != 0 && _asks.Best != 0;)
        {
            var limit = _bids[level].Key;
            if (_asks[_asks.Best].Key < WorstKeyFor(Side.Bid, limit))
            {
                return;
            }

            var worse = _bids[level].Worse;
            for (var slot = _bids[level].Head; slot != 0;)
            {
                var next = _pool[slot].Next;
                TakeTurn(slot, limit);
                slot = next;
            }

            level = worse;
        }
    }

    private void TakeTurn(int slot, long limit)
    {
        ref var bid = ref _pool[slot];
        var taker = new Taker(ref bid, limit);
        Take(ref taker, _asks);
        if (taker.Rest != bid.Rest)
        {
            Fill(slot, ref bid, _bids, bid.Rest - taker.Rest);
        }

        if (taker.Cancelled && taker.Rest != 0)
        {
            Remove(slot, ref bid, _bids);
        }
    }

    private void TakeAtOnce(ref Taker taker, in NewOrder order)
    {
        if (order.TimeInForce == TimeInForce.FillOrKill && !CanFill(ref taker, order.Target))
        {
            taker.Cancelled = true;
            _listener.Cancelled(taker.Sequence, new WattHours(taker.Rest), CancelReason.Killed);
        }
        else if (order.Target != 0)
        {
            TakeTarget(ref taker, order.Target);
        }
        else
        {
            Take(ref taker, taker.Side == Side.Bid ? _asks : _bids);
        }
    }

    /// <summary>The smallest key of the other side that the limit reaches.</summary>
    private long WorstKeyFor(Side side, long limit)
    {
        if (side == Side.Ask)
        {
            return Math.Max(limit, _dynamicPrice);
        }

        return limit < _dynamicPrice ? long.MaxValue : -limit;
    }

    private void Take(ref Taker taker, LevelIndex others)
    {
        var worstKey = WorstKeyFor(taker.Side, taker.Limit);
        for (var level = others.Best; level != 0 && others[level].Key >= worstKey;)
        {
            var worse = others[level].Worse;
            for (var slot = others[level].Head; slot != 0;)
            {
                ref var other = ref _pool[slot];
                var next = other.Next;
                if (_rules.ExactQuantity && other.Rest != taker.Rest)
                {
                    slot = next;
                    continue;
                }

                if (other.Owner != taker.Owner)
                {
                    Trade(ref taker, slot, ref other, others);
                }
                else
                {
                    PreventSelfTrade(ref taker, slot);
                }

                if (taker.Rest == 0 || taker.Cancelled)
                {
                    return;
                }

                slot = next;
            }

            level = worse;
        }
    }

    private void TakeTarget(ref Taker taker, long target)
    {
        var slot = _pool.Find(target);
        if (slot != 0 && Reaches(ref taker, ref _pool[slot]))
        {
            Trade(ref taker, slot, ref _pool[slot], _asks);
        }
    }

    private bool Reaches(ref Taker bid, ref RestingOrder ask) =>
        _asks[ask.Level].Key >= WorstKeyFor(Side.Bid, bid.Limit) && (!_rules.ExactQuantity || ask.Rest == bid.Rest);

    private void Trade(ref Taker taker, int slot, ref RestingOrder other, LevelIndex others)
    {
        var energy = Math.Min(taker.Rest, other.Rest);
        var otherLimit = others[other.Level].Key;
        taker.Rest -= energy;
        Fill(slot, ref other, others, energy);
        if (taker.Side == Side.Bid)
        {
            Report(
                taker.Sequence, taker.Limit, taker.Energy, taker.Rest, other.Sequence, -otherLimit, other.Rest,
                energy, price: -otherLimit);
        }
        else
        {
            Report(
                other.Sequence, otherLimit, other.Energy, other.Rest, taker.Sequence, taker.Limit, taker.Rest,
                energy, price: _rules.Price == TradePrice.Ask ? taker.Limit : otherLimit);
        }
    }

    private void Report(
        long bid, long bidLimit, long bidEnergy, long bidRest, long ask, long askLimit, long askRest, long energy,
        long price) =>
        _listener.Matched(new BookMatch
        {
            Bid = bid,
            Ask = ask,
            Energy = new WattHours(energy),
            Price = new PricePerKwh(price),
            BidLimit = new PricePerKwh(bidLimit),
            AskLimit = new PricePerKwh(askLimit),
            BidEnergy = new WattHours(bidEnergy),
            BidRest = new WattHours(bidRest),
            AskRest = new WattHours(askRest),
        });

    private void PreventSelfTrade(ref Taker taker, int slot)
    {
        if (_rules.SelfTrade is SelfTradePrevention.CancelResting or SelfTradePrevention.CancelBoth)
        {
            Cancel(slot, CancelReason.SelfTrade);
        }

        if (_rules.SelfTrade is SelfTradePrevention.CancelIncoming or SelfTradePrevention.CancelBoth)
        {
            taker.Cancelled = true;
            _listener.Cancelled(taker.Sequence, new WattHours(taker.Rest), CancelReason.SelfTrade);
        }
    }

    /// <summary>Whether the order would get all of its energy, without touching anything.</summary>
    private bool CanFill(ref Taker taker, long target)
    {
        if (target != 0)
        {
            var ask = _pool.Find(target);
            return ask != 0 && Reaches(ref taker, ref _pool[ask]) && _pool[ask].Rest >= taker.Rest;
        }

        var others = taker.Side == Side.Bid ? _asks : _bids;
        var worstKey = WorstKeyFor(taker.Side, taker.Limit);
        var wanted = taker.Rest;
        for (var level = others.Best; level != 0 && others[level].Key >= worstKey; level = others[level].Worse)
        {
            for (var slot = others[level].Head; slot != 0; slot = _pool[slot].Next)
            {
                ref var other = ref _pool[slot];
                if (_rules.ExactQuantity && other.Rest != taker.Rest)
                {
                    continue;
                }

                if (other.Owner != taker.Owner)
                {
                    wanted -= Math.Min(wanted, other.Rest);
                }
                else if (_rules.SelfTrade is SelfTradePrevention.CancelIncoming or SelfTradePrevention.CancelBoth)
                {
                    return false;
                }

                if (wanted == 0)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
