using System.Buffers.Binary;
using System.Security.Cryptography;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>
/// The rules themselves, without a thought for speed: sorted sets, and nothing remembered that can be looked up. It
/// shares no code with the book but its rules' and events' types.
/// </summary>
internal sealed class NaiveBook<TListener>(BookRules rules, TListener listener)
    where TListener : IBookListener
{
    private readonly Dictionary<long, NaiveOrder> _orders = [];
    private readonly SortedSet<NaiveOrder> _bids = new(new ByRank());
    private readonly SortedSet<NaiveOrder> _asks = new(new ByRank());
    private long _now;
    private long _lastSequence;
    private long _dynamicPrice;

    internal TListener Listener = listener;

    internal int Count => _orders.Count;

    internal IEnumerable<NaiveOrder> Bids => _bids;

    internal IEnumerable<NaiveOrder> Asks => _asks;

    internal RejectReason Place(NewOrder order)
    {
        if (Refuse(order.Sequence, Fault(order)) is var reason && reason != RejectReason.None)
        {
            return reason;
        }

        _lastSequence = order.Sequence;
        Listener.Accepted(order);
        var isWaiting = rules.Mode == MatchingMode.Waiting;
        var mayRest = order.Target == 0 && (isWaiting || order.TimeInForce == TimeInForce.GoodTillCancelled);
        var taker = New(order);
        if (isWaiting && mayRest)
        {
            Enter(taker);
            return RejectReason.None;
        }

        if (rules.Mode == MatchingMode.Gathering)
        {
            if (mayRest)
            {
                Enter(taker);
                return RejectReason.None;
            }

            Match();
        }

        var fillable = Plan(taker, order.Target).Sum(static step => step.Energy);
        if (order.TimeInForce == TimeInForce.FillOrKill && fillable < taker.Rest)
        {
            Cancelled(taker, CancelReason.Killed);
        }
        else if (Take(taker, order.Target) && taker.Rest > 0)
        {
            if (mayRest)
            {
                Enter(taker);
            }
            else
            {
                Cancelled(taker, CancelReason.Immediate);
            }
        }

        return RejectReason.None;
    }

    internal RejectReason Restore(NewOrder order)
    {
        var reason = Refuse(order.Sequence, Fault(order));
        if (reason == RejectReason.None)
        {
            _lastSequence = order.Sequence;
            Enter(New(order));
        }

        return reason;
    }

    internal RejectReason Cancel(long sequence)
    {
        if (!_orders.TryGetValue(sequence, out var order))
        {
            return Refuse(sequence, RejectReason.UnknownOrder);
        }

        Leave(order);
        Cancelled(order, CancelReason.Requested);
        return RejectReason.None;
    }

    internal RejectReason Reduce(long sequence, WattHours by)
    {
        if (!_orders.TryGetValue(sequence, out var order))
        {
            return Refuse(sequence, RejectReason.UnknownOrder);
        }

        if (by.Value <= 0 || by.Value >= order.Rest)
        {
            return Refuse(sequence, RejectReason.EnergyOutOfBounds);
        }

        order.Rest -= by.Value;
        order.Energy -= by.Value;
        Listener.Reduced(sequence, by, new WattHours(order.Rest));
        if (rules.ExactQuantity && rules.Mode == MatchingMode.Continuous)
        {
            Match();
        }

        return RejectReason.None;
    }

    internal RejectReason MatchAcross(long sequence, WattHours energy)
    {
        if (!_orders.TryGetValue(sequence, out var order))
        {
            return Refuse(sequence, RejectReason.UnknownOrder);
        }

        if (energy.Value <= 0 || energy.Value > order.Rest || (rules.ExactQuantity && energy.Value != order.Rest))
        {
            return Refuse(sequence, RejectReason.EnergyOutOfBounds);
        }

        Fill(order, energy.Value);
        Listener.MatchedAcross(sequence, energy, new WattHours(order.Rest));
        return RejectReason.None;
    }

    internal void AdvanceTo(MarketTime now)
    {
        _now = Math.Max(_now, now.UtcTicks);
        var due = _orders.Values
            .Where(order => order.Order.ExpiresAt != MarketTime.Never && order.Order.ExpiresAt.UtcTicks <= _now)
            .OrderBy(static order => order.Order.ExpiresAt.UtcTicks)
            .ThenBy(static order => order.Order.Sequence);
        foreach (var order in due.ToList())
        {
            Leave(order);
            Listener.Expired(order.Order.Sequence, new WattHours(order.Rest));
        }
    }

    internal void SetDynamicPrice(PricePerKwh? price)
    {
        _dynamicPrice = price?.Value ?? 0;
        if (rules.Mode == MatchingMode.Continuous)
        {
            Match();
        }
    }

    /// <summary>Each bid's turn, the best first.</summary>
    internal void Match()
    {
        foreach (var bid in _bids.ToList())
        {
            if (!Take(bid, target: 0))
            {
                Leave(bid);
            }
        }
    }

    internal void Auction(Rationing rationing)
    {
        var bids = _bids.Where(bid => bid.Order.Limit.Value >= _dynamicPrice).ToList();
        foreach (var (bid, ask, energy, price) in NaiveAuction.Hold(bids, [.. _asks], rationing))
        {
            Fill(bid, energy);
            Fill(ask, energy);
            Report(bid, ask, energy, price);
        }
    }

    /// <summary>As the book's documentation lays it down.</summary>
    internal UInt128 StateHash()
    {
        List<byte> bytes = [.. "GTX/book/v1\0\0\0\0\0"u8];
        Append(_now, _lastSequence, _dynamicPrice, _bids.Count, _asks.Count);
        foreach (var order in _bids.Concat(_asks))
        {
            var given = order.Order;
            Append(
                given.Sequence, given.Owner, given.Limit.Value, order.Energy, order.Rest, given.ExpiresAt.UtcTicks);
        }

        foreach (var order in _bids.Concat(_asks))
        {
            if (order.Order.TimeInForce != TimeInForce.GoodTillCancelled)
            {
                Append(order.Order.Sequence, (long)order.Order.TimeInForce);
            }
        }

        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(bytes.ToArray()));

        void Append(params ReadOnlySpan<long> values)
        {
            foreach (var value in values)
            {
                var eight = new byte[8];
                BinaryPrimitives.WriteInt64BigEndian(eight, value);
                bytes.AddRange(eight);
            }
        }
    }

    private RejectReason Fault(NewOrder order)
    {
        _ = _orders.TryGetValue(order.Target, out var target);
        var energy = order.Energy.Value;
        (bool Applies, RejectReason Reason)[] faults =
        [
            (order.Sequence <= _lastSequence, RejectReason.SequenceNotAscending),
            (order.Side is not (Side.Bid or Side.Ask), RejectReason.Malformed),
            (!Enum.IsDefined(order.TimeInForce) || order.TimeInForce == TimeInForce.None, RejectReason.Malformed),
            (order.Target != 0 && order.Side == Side.Ask, RejectReason.Malformed),
            (order.Limit.Value < rules.MinPrice || order.Limit.Value > rules.MaxPrice, RejectReason.PriceOutOfBounds),
            (energy < 1 || energy > rules.MaxEnergy, RejectReason.EnergyOutOfBounds),
            (order.Filled.Value < 0 || order.Filled.Value >= energy, RejectReason.EnergyOutOfBounds),
            (order.ExpiresAt.UtcTicks <= _now, RejectReason.AlreadyExpired),
            (_orders.Count >= rules.MaxOrders, RejectReason.BookFull),
            (order.Target != 0 && target?.Order.Side != Side.Ask, RejectReason.UnknownOrder),
            (order.Target != 0 && target?.Order.TimeInForce != TimeInForce.GoodTillCancelled,
                RejectReason.UnknownOrder),
            (order.Target != 0 && target?.Order.Owner == order.Owner, RejectReason.SelfTrade),
        ];
        return Array.Find(faults, static fault => fault.Applies).Reason;
    }

    private RejectReason Refuse(long sequence, RejectReason reason)
    {
        if (reason != RejectReason.None)
        {
            Listener.Rejected(sequence, reason);
        }

        return reason;
    }

    /// <summary>
    /// With whom an order would trade, and how much; an own order in the way stands there with no energy.
    /// </summary>
    private List<(NaiveOrder Other, long Energy)> Plan(NaiveOrder taker, long target)
    {
        List<(NaiveOrder, long)> plan = [];
        var rest = taker.Rest;
        var bid = taker.Order.Side == Side.Bid;
        foreach (var other in bid ? _asks : _bids)
        {
            var (bidLimit, askLimit) = bid
                ? (taker.Order.Limit.Value, other.Order.Limit.Value)
                : (other.Order.Limit.Value, taker.Order.Limit.Value);
            if (rest == 0 || (target == 0 && bidLimit < askLimit))
            {
                break;
            }

            if (bidLimit < askLimit || bidLimit < _dynamicPrice || (rules.ExactQuantity && other.Rest != rest)
                || (target != 0 && other.Order.Sequence != target))
            {
                continue;
            }

            var own = other.Order.Owner == taker.Order.Owner;
            var energy = own ? 0 : Math.Min(rest, other.Rest);
            plan.Add((other, energy));
            rest -= energy;
            if (own && rules.SelfTrade is SelfTradePrevention.CancelIncoming or SelfTradePrevention.CancelBoth)
            {
                break;
            }
        }

        return plan;
    }

    /// <summary>False when its rest is cancelled because it met an own order.</summary>
    private bool Take(NaiveOrder taker, long target)
    {
        foreach (var (other, energy) in Plan(taker, target))
        {
            if (energy > 0)
            {
                Trade(taker, other, energy);
                continue;
            }

            if (rules.SelfTrade is SelfTradePrevention.CancelResting or SelfTradePrevention.CancelBoth)
            {
                Leave(other);
                Cancelled(other, CancelReason.SelfTrade);
            }

            if (rules.SelfTrade is SelfTradePrevention.CancelIncoming or SelfTradePrevention.CancelBoth)
            {
                Cancelled(taker, CancelReason.SelfTrade);
                return false;
            }
        }

        return true;
    }

    private void Trade(NaiveOrder taker, NaiveOrder other, long energy)
    {
        var (bid, ask) = taker.Order.Side == Side.Bid ? (taker, other) : (other, taker);
        var price = rules.Price == TradePrice.Ask ? ask : other;
        Fill(taker, energy);
        Fill(other, energy);
        Report(bid, ask, energy, price.Order.Limit.Value);
    }

    private void Report(NaiveOrder bid, NaiveOrder ask, long energy, long price) => Listener.Matched(new BookMatch
    {
        Bid = bid.Order.Sequence,
        Ask = ask.Order.Sequence,
        Energy = new WattHours(energy),
        Price = new PricePerKwh(price),
        BidLimit = bid.Order.Limit,
        AskLimit = ask.Order.Limit,
        BidEnergy = new WattHours(bid.Energy),
        BidRest = new WattHours(bid.Rest),
        AskRest = new WattHours(ask.Rest),
    });

    private void Fill(NaiveOrder order, long energy)
    {
        order.Rest -= energy;
        if (order.Rest == 0)
        {
            Leave(order);
        }
    }

    private void Enter(NaiveOrder order)
    {
        _orders.Add(order.Order.Sequence, order);
        _ = (order.Order.Side == Side.Bid ? _bids : _asks).Add(order);
        Listener.Rested(order.Order.Sequence, new WattHours(order.Rest));
    }

    private void Leave(NaiveOrder order)
    {
        _ = _orders.Remove(order.Order.Sequence);
        _ = (order.Order.Side == Side.Bid ? _bids : _asks).Remove(order);
    }

    private void Cancelled(NaiveOrder order, CancelReason reason) =>
        Listener.Cancelled(order.Order.Sequence, new WattHours(order.Rest), reason);

    private static NaiveOrder New(NewOrder order) =>
        new() { Order = order, Energy = order.Energy.Value, Rest = order.Energy.Value - order.Filled.Value };
}
