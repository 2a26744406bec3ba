using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Matching;

/// <summary>
/// The orders of one grid zone by price, then by sequence. Pure: the same operations give the same events and the same
/// <see cref="StateHash"/>, whenever and wherever. No operation allocates once the book has grown to its size; a
/// cancellation takes the same time at every place. Not thread-safe.
/// </summary>
/// <typeparam name="TListener">Hears every event; a struct is called directly.</typeparam>
public sealed partial class OrderBook<TListener>
    where TListener : IBookListener
{
    private readonly BookRules _rules;
    private readonly OrderPool _pool;
    private readonly ExpiryQueue _expiries;
    private readonly LevelIndex _bids;
    private readonly LevelIndex _asks;
    private TListener _listener;
    private long _lastSequence;
    private MarketTime _now;

    // A bid below it takes part in nothing; 0 when there is none.
    private long _dynamicPrice;

    /// <exception cref="InvalidOperationException">The rules contradict themselves.</exception>
    public OrderBook(BookRules rules, TListener listener)
    {
        _rules = rules.Checked();
        _listener = listener;
        _pool = new OrderPool(rules.ExpectedOrders);
        _expiries = new ExpiryQueue(_pool);
        _bids = new LevelIndex(rules.ExpectedPrices);
        _asks = new LevelIndex(rules.ExpectedPrices);
    }

    public ref TListener Listener => ref _listener;

    /// <summary>Orders that rest.</summary>
    public int Count => _pool.Count;

    public MarketTime Now => _now;

    /// <summary>Of the last order accepted; 0 before the first.</summary>
    public long LastSequence => _lastSequence;

    /// <summary>Accepts an order and, in a continuous book, matches it.</summary>
    public RejectReason Place(in NewOrder order)
    {
        var reason = Check(order);
        if (reason != RejectReason.None)
        {
            _listener.Rejected(order.Sequence, reason);
            return reason;
        }

        _lastSequence = order.Sequence;
        _listener.Accepted(order);
        var mayRest = order.Target == 0
            && (order.TimeInForce == TimeInForce.GoodTillCancelled || _rules.Mode == MatchingMode.Waiting);
        if (_rules.Mode != MatchingMode.Continuous && mayRest)
        {
            Rest(order, order.Energy.Value - order.Filled.Value);
            return RejectReason.None;
        }

        if (_rules.Mode == MatchingMode.Gathering)
        {
            Match();
        }

        var taker = new Taker(order);
        TakeAtOnce(ref taker, order);
        if (taker.Rest != 0 && !taker.Cancelled)
        {
            Settle(order, taker.Rest, mayRest);
        }

        return RejectReason.None;
    }

    /// <summary>
    /// Puts an order where it stood before a restart, without matching it. Orders come back in the order of their
    /// sequences.
    /// </summary>
    public RejectReason Restore(in NewOrder order)
    {
        var reason = Check(order);
        if (reason != RejectReason.None)
        {
            _listener.Rejected(order.Sequence, reason);
            return reason;
        }

        _lastSequence = order.Sequence;
        Rest(order, order.Energy.Value - order.Filled.Value);
        return RejectReason.None;
    }

    /// <summary>
    /// After the last <see cref="Restore"/>: orders up to this sequence have been accepted before, whatever has become
    /// of them.
    /// </summary>
    public void ContinueAfter(long sequence) => _lastSequence = Math.Max(_lastSequence, sequence);

    public RejectReason Cancel(long sequence)
    {
        var slot = _pool.Find(sequence);
        if (slot == 0)
        {
            _listener.Rejected(sequence, RejectReason.UnknownOrder);
            return RejectReason.UnknownOrder;
        }

        Cancel(slot, CancelReason.Requested);
        return RejectReason.None;
    }

    /// <summary>
    /// Takes a part away that is not filled yet; the order keeps its turn. To take all of the rest is to cancel.
    /// </summary>
    public RejectReason Reduce(long sequence, WattHours by)
    {
        var slot = _pool.Find(sequence);
        var reason = CheckPart(slot, by.Value, below: _pool[slot].Rest);
        if (reason != RejectReason.None)
        {
            _listener.Rejected(sequence, reason);
            return reason;
        }

        ref var order = ref _pool[slot];
        order.Rest -= by.Value;
        order.Energy -= by.Value;
        SideOf(order.Side)[order.Level].Energy -= by.Value;
        _listener.Reduced(sequence, by, new WattHours(order.Rest));
        if (_rules is { ExactQuantity: true, Mode: MatchingMode.Continuous })
        {
            Match();
        }

        return RejectReason.None;
    }

    /// <summary>
    /// An order of this zone was matched with one of another zone. Refused when the order has not that much left, and
    /// in a book of exact quantities when it has more.
    /// </summary>
    public RejectReason MatchAcross(long sequence, WattHours energy)
    {
        var slot = _pool.Find(sequence);
        var reason = CheckPart(slot, energy.Value, below: _pool[slot].Rest + 1);
        if (reason == RejectReason.None && _rules.ExactQuantity && energy.Value < _pool[slot].Rest)
        {
            reason = RejectReason.EnergyOutOfBounds;
        }

        if (reason != RejectReason.None)
        {
            _listener.Rejected(sequence, reason);
            return reason;
        }

        ref var order = ref _pool[slot];
        Fill(slot, ref order, SideOf(order.Side), energy.Value);
        _listener.MatchedAcross(sequence, energy, new WattHours(order.Rest));
        return RejectReason.None;
    }

    /// <summary>
    /// Lets time pass: what expires by now leaves, instant by instant and in the order of acceptance. Time never goes
    /// back; an earlier instant changes nothing.
    /// </summary>
    public void AdvanceTo(MarketTime now)
    {
        if (now.UtcTicks <= _now.UtcTicks)
        {
            return;
        }

        _now = now;
        for (var slot = _expiries.FirstDue(now); slot != 0; slot = _expiries.FirstDue(now))
        {
            ref var order = ref _pool[slot];
            var (sequence, rest) = (order.Sequence, order.Rest);
            Remove(slot, ref order);
            _listener.Expired(sequence, new WattHours(rest));
        }
    }

    /// <summary>
    /// From now on a match also needs a bid at or above this price; null lifts that. A continuous book matches at once
    /// what a lower price allows.
    /// </summary>
    public void SetDynamicPrice(PricePerKwh? price)
    {
        _dynamicPrice = price?.Value ?? 0;
        if (_rules.Mode == MatchingMode.Continuous)
        {
            Match();
        }
    }

    private RejectReason Check(in NewOrder order)
    {
        if (order.Sequence <= _lastSequence)
        {
            return RejectReason.SequenceNotAscending;
        }

        if (order.Side is not (Side.Bid or Side.Ask) || order.TimeInForce is < TimeInForce.GoodTillCancelled
            or > TimeInForce.FillOrKill || (order.Target != 0 && order.Side != Side.Bid))
        {
            return RejectReason.Malformed;
        }

        if (order.Limit.Value < _rules.MinPrice || order.Limit.Value > _rules.MaxPrice)
        {
            return RejectReason.PriceOutOfBounds;
        }

        if (order.Energy.Value <= 0 || order.Energy.Value > _rules.MaxEnergy
            || order.Filled.Value < 0 || order.Filled.Value >= order.Energy.Value)
        {
            return RejectReason.EnergyOutOfBounds;
        }

        if (order.ExpiresAt.UtcTicks <= _now.UtcTicks)
        {
            return RejectReason.AlreadyExpired;
        }

        if (_pool.Count >= _rules.MaxOrders)
        {
            return RejectReason.BookFull;
        }

        return order.Target == 0 ? RejectReason.None : CheckTarget(order);
    }

    private RejectReason CheckTarget(in NewOrder order)
    {
        var slot = _pool.Find(order.Target);
        if (slot == 0 || _pool[slot].Side != Side.Ask || _pool[slot].TimeInForce != TimeInForce.GoodTillCancelled)
        {
            return RejectReason.UnknownOrder;
        }

        return _pool[slot].Owner == order.Owner ? RejectReason.SelfTrade : RejectReason.None;
    }

    private static RejectReason CheckPart(int slot, long energy, long below)
    {
        if (slot == 0)
        {
            return RejectReason.UnknownOrder;
        }

        return energy <= 0 || energy >= below ? RejectReason.EnergyOutOfBounds : RejectReason.None;
    }
}
