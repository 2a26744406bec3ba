namespace GridTokenX.Market.Matching;

/// <summary>Orders by the instant they expire at, those of one instant in the order of acceptance.</summary>
internal sealed class ExpiryQueue(OrderPool pool)
{
    private readonly LevelIndex _instants = new(expected: 16);

    /// <summary>The slot of the first order that has expired by now; 0 when none has.</summary>
    internal int FirstDue(MarketTime now)
    {
        var first = _instants.Best;
        return first != 0 && -_instants[first].Key <= now.UtcTicks ? _instants[first].Head : 0;
    }

    internal MarketTime InstantOf(ref RestingOrder order) =>
        order.Expiry == 0 ? MarketTime.Never : new MarketTime(-_instants[order.Expiry].Key);

    internal void Add(int slot, MarketTime expiresAt)
    {
        ref var order = ref pool[slot];
        if (expiresAt == MarketTime.Never)
        {
            order.Expiry = 0;
            return;
        }

        order.Expiry = _instants.FindOrAdd(-expiresAt.UtcTicks);
        ref var instant = ref _instants[order.Expiry];
        order.ExpiryNext = 0;
        order.ExpiryPrevious = instant.Tail;
        if (instant.Tail != 0)
        {
            pool[instant.Tail].ExpiryNext = slot;
        }
        else
        {
            instant.Head = slot;
        }

        instant.Tail = slot;
        instant.Count++;
    }

    internal void Remove(ref RestingOrder order)
    {
        if (order.Expiry == 0)
        {
            return;
        }

        ref var instant = ref _instants[order.Expiry];
        if (order.ExpiryPrevious != 0)
        {
            pool[order.ExpiryPrevious].ExpiryNext = order.ExpiryNext;
        }
        else
        {
            instant.Head = order.ExpiryNext;
        }

        if (order.ExpiryNext != 0)
        {
            pool[order.ExpiryNext].ExpiryPrevious = order.ExpiryPrevious;
        }
        else
        {
            instant.Tail = order.ExpiryPrevious;
        }

        if (--instant.Count == 0)
        {
            _instants.Remove(order.Expiry);
        }
    }
}
