using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Matching;

/// <summary>
/// The orders of one grid zone. Bids by price descending, asks by price ascending, then both by sequence; each bid in
/// its turn takes the best asks up to its limit, at the ask's price, in parts if need be. An own ask is passed over,
/// not waited for: the bid goes on to the next ask, and the passed one stays for the next bid, so nobody else's turn
/// changes. A direct purchase stands among the bids like any other, and takes only the ask it names. Not thread-safe.
/// </summary>
public sealed class OrderBook
{
    private readonly Dictionary<Guid, Resting> _orders = [];
    private readonly HashSet<long> _sequences = [];

    public int Count => _orders.Count;

    /// <summary>Live bids, best first.</summary>
    public IReadOnlyList<Order> Bids => Array.ConvertAll(Sorted(Side.Bid), static resting => resting.ToOrder());

    /// <summary>Live asks, best first.</summary>
    public IReadOnlyList<Order> Asks => Array.ConvertAll(Sorted(Side.Ask), static resting => resting.ToOrder());

    /// <exception cref="ArgumentException">The order is malformed, or its id or sequence is in the book
    /// already.</exception>
    public void Add(Order order)
    {
        if (order.Side is not (Side.Bid or Side.Ask) || (order.Side == Side.Ask && order.Target is not null))
        {
            throw new ArgumentException("An order is a bid or an ask, and only a bid names a target.", nameof(order));
        }

        if (order.Limit.Value <= 0 || order.Filled.Value < 0 || order.Rest.Value <= 0)
        {
            throw new ArgumentException("Limit and remaining energy lie above zero.", nameof(order));
        }

        if (_orders.ContainsKey(order.Id) || !_sequences.Add(order.Sequence))
        {
            throw new ArgumentException("Id and sequence are unique in a book.", nameof(order));
        }

        _orders.Add(order.Id, new Resting(order));
    }

    /// <summary>Takes an order out; false when it is not in the book (any more).</summary>
    public bool Cancel(Guid order)
    {
        if (!_orders.Remove(order, out var resting))
        {
            return false;
        }

        _ = _sequences.Remove(resting.Order.Sequence);
        return true;
    }

    /// <summary>Takes out what has expired, in the order of acceptance.</summary>
    public IReadOnlyList<Order> Expire(DateTimeOffset now)
    {
        var expired = _orders.Values
            .Where(resting => resting.Order.ExpiresAt <= now)
            .OrderBy(static resting => resting.Order.Sequence)
            .Select(static resting => resting.ToOrder())
            .ToList();
        expired.ForEach(order => Cancel(order.Id));
        return expired;
    }

    /// <summary>Matches until nothing is left to match; filled orders leave the book.</summary>
    public IReadOnlyList<Match> Match()
    {
        var asks = Sorted(Side.Ask);
        List<Match> matches = [];
        var first = 0;
        foreach (var bid in Sorted(Side.Bid))
        {
            if (bid.Order.Target is { } target)
            {
                TakeTarget(bid, target, matches);
                continue;
            }

            while (first < asks.Length && asks[first].Rest == WattHours.Zero)
            {
                first++;
            }

            TakeBest(bid, asks.AsSpan(first), matches);
        }

        foreach (var match in matches)
        {
            RemoveFilled(match.Bid);
            RemoveFilled(match.Ask);
        }

        return matches;
    }

    private void TakeTarget(Resting bid, Guid target, List<Match> matches)
    {
        if (_orders.TryGetValue(target, out var ask) && ask.Order.Side == Side.Ask && MayTrade(bid, ask))
        {
            matches.Add(Trade(bid, ask));
        }
    }

    private static void TakeBest(Resting bid, ReadOnlySpan<Resting> asks, List<Match> matches)
    {
        foreach (var ask in asks)
        {
            if (bid.Rest == WattHours.Zero || ask.Order.Limit > bid.Order.Limit)
            {
                return;
            }

            if (MayTrade(bid, ask))
            {
                matches.Add(Trade(bid, ask));
            }
        }
    }

    private static bool MayTrade(Resting bid, Resting ask) =>
        ask.Rest > WattHours.Zero && ask.Order.Limit <= bid.Order.Limit && ask.Order.Owner != bid.Order.Owner;

    private static Match Trade(Resting bid, Resting ask)
    {
        var energy = WattHours.Min(bid.Rest, ask.Rest);
        var price = ask.Order.Limit;
        var share = BidEscrow.Share(bid.Order.Limit, bid.Filled, bid.Filled + energy);
        bid.Filled += energy;
        ask.Filled += energy;
        return new Match(bid.Order.Id, ask.Order.Id, energy, price, price.ValueOf(energy), share);
    }

    private void RemoveFilled(Guid order)
    {
        if (_orders.TryGetValue(order, out var resting) && resting.Rest == WattHours.Zero)
        {
            _ = Cancel(order);
        }
    }

    private Resting[] Sorted(Side side)
    {
        var orders = _orders.Values.Where(resting => resting.Order.Side == side).ToArray();
        Array.Sort(orders, side == Side.Bid ? BestBidFirst : BestAskFirst);
        return orders;
    }

    private static int BestBidFirst(Resting left, Resting right) =>
        left.Order.Limit == right.Order.Limit
            ? left.Order.Sequence.CompareTo(right.Order.Sequence)
            : right.Order.Limit.CompareTo(left.Order.Limit);

    private static int BestAskFirst(Resting left, Resting right) =>
        left.Order.Limit == right.Order.Limit
            ? left.Order.Sequence.CompareTo(right.Order.Sequence)
            : left.Order.Limit.CompareTo(right.Order.Limit);

    private sealed class Resting(Order order)
    {
        public Order Order { get; } = order;

        public WattHours Filled { get; set; } = order.Filled;

        public WattHours Rest => Order.Energy - Filled;

        public Order ToOrder() => Order with { Filled = Filled };
    }
}
