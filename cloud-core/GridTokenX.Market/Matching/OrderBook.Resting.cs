using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Matching;

/// <content>How orders come to rest and leave.</content>
public sealed partial class OrderBook<TListener>
{
    private LevelIndex SideOf(Side side) => side == Side.Bid ? _bids : _asks;

    /// <summary>The better the price, the larger the key.</summary>
    private static long KeyOf(Side side, long price) => side == Side.Bid ? price : -price;

    private void Settle(in NewOrder order, long rest, bool mayRest)
    {
        if (mayRest)
        {
            Rest(order, rest);
        }
        else
        {
            _listener.Cancelled(order.Sequence, new WattHours(rest), CancelReason.Immediate);
        }
    }

    private void Rest(in NewOrder order, long rest)
    {
        var slot = _pool.Add(order.Sequence);
        var levels = SideOf(order.Side);
        var levelSlot = levels.FindOrAdd(KeyOf(order.Side, order.Limit.Value));
        ref var level = ref levels[levelSlot];
        ref var resting = ref _pool[slot];
        resting.Rest = rest;
        resting.Owner = order.Owner;
        resting.Level = levelSlot;
        resting.Side = order.Side;
        resting.TimeInForce = order.TimeInForce;
        resting.Energy = order.Energy.Value;
        resting.Next = 0;
        resting.Previous = level.Tail;
        if (level.Tail != 0)
        {
            _pool[level.Tail].Next = slot;
        }
        else
        {
            level.Head = slot;
        }

        level.Tail = slot;
        level.Count++;
        level.Energy += rest;
        _expiries.Add(slot, order.ExpiresAt);
        _listener.Rested(order.Sequence, new WattHours(rest));
    }

    /// <summary>Takes filled energy off a resting order; a full one leaves.</summary>
    private void Fill(int slot, ref RestingOrder order, LevelIndex levels, long energy)
    {
        order.Rest -= energy;
        levels[order.Level].Energy -= energy;
        if (order.Rest == 0)
        {
            Remove(slot, ref order, levels);
        }
    }

    private void Cancel(int slot, CancelReason reason)
    {
        ref var order = ref _pool[slot];
        var (sequence, rest) = (order.Sequence, order.Rest);
        Remove(slot, ref order);
        _listener.Cancelled(sequence, new WattHours(rest), reason);
    }

    private void Remove(int slot, ref RestingOrder order) => Remove(slot, ref order, SideOf(order.Side));

    private void Remove(int slot, ref RestingOrder order, LevelIndex levels)
    {
        ref var level = ref levels[order.Level];
        if (order.Previous != 0)
        {
            _pool[order.Previous].Next = order.Next;
        }
        else
        {
            level.Head = order.Next;
        }

        if (order.Next != 0)
        {
            _pool[order.Next].Previous = order.Previous;
        }
        else
        {
            level.Tail = order.Previous;
        }

        level.Energy -= order.Rest;
        if (--level.Count == 0)
        {
            levels.Remove(order.Level);
        }

        _expiries.Remove(ref order);
        _pool.Remove(slot);
    }
}
