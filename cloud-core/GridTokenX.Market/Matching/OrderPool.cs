using System.Numerics;

namespace GridTokenX.Market.Matching;

/// <summary>
/// All resting orders side by side in one array, and the way from a sequence to its slot. The table takes the lower
/// bits of the sequence as they are: orders that came one after the other stand one after the other there as well, so
/// a busy book stays in the cache. Freed slots are used again, the latest first.
/// </summary>
internal sealed class OrderPool
{
    private RestingOrder[] _orders;
    private int[] _heads;
    private int _used = 1;
    private int _free;

    internal OrderPool(int expected)
    {
        _orders = new RestingOrder[expected + 1];
        _heads = new int[(int)BitOperations.RoundUpToPowerOf2((uint)expected)];

        // A large array's pages come from the system when they are first written: now, and not under an order.
        _orders.AsSpan().Clear();
        _heads.AsSpan().Clear();
    }

    internal int Count { get; private set; }

    internal ref RestingOrder this[int slot] => ref _orders[slot];

    /// <summary>0 when it does not rest here.</summary>
    internal int Find(long sequence)
    {
        var slot = _heads[Place(sequence)];
        while (slot != 0 && _orders[slot].Sequence != sequence)
        {
            slot = _orders[slot].Chain;
        }

        return slot;
    }

    internal int Add(long sequence)
    {
        var slot = Allocate();
        ref var head = ref _heads[Place(sequence)];
        ref var order = ref _orders[slot];
        order.Sequence = sequence;
        order.Chain = head;
        head = slot;
        Count++;
        return slot;
    }

    internal void Remove(int slot)
    {
        ref var order = ref _orders[slot];
        ref var link = ref _heads[Place(order.Sequence)];
        while (link != slot)
        {
            link = ref _orders[link].Chain;
        }

        link = order.Chain;
        order.Next = _free;
        _free = slot;
        Count--;
    }

    private int Place(long sequence) => unchecked((int)sequence) & (_heads.Length - 1);

    private int Allocate()
    {
        if (_free != 0)
        {
            var slot = _free;
            _free = _orders[slot].Next;
            return slot;
        }

        if (_used == _orders.Length)
        {
            Grow();
        }

        return _used++;
    }

    /// <summary>Only when every slot is taken: all of them are live.</summary>
    private void Grow()
    {
        Array.Resize(ref _orders, _orders.Length * 2);
        _heads = new int[_heads.Length * 2];
        for (var slot = 1; slot < _used; slot++)
        {
            ref var order = ref _orders[slot];
            ref var head = ref _heads[Place(order.Sequence)];
            order.Chain = head;
            head = slot;
        }
    }
}
