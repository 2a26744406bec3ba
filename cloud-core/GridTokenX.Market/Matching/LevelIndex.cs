namespace GridTokenX.Market.Matching;

/// <summary>
/// The levels of one side, the largest key best: bids by price, asks by minus the price, expiries by minus the instant.
/// A known key is found by hash, the best and the next worse one by link; only a new key looks for its place, and near
/// the best that is a step or two. Any key is as good as any other: there is no fixed range and no tick.
/// </summary>
internal sealed class LevelIndex(int expected)
{
    private readonly KeyTable _slots = new(expected);
    private readonly SortedSlots _sorted = new(expected);
    private Level[] _levels = new Level[expected + 1];
    private int _used = 1;
    private int _free;
    private int _worst;

    /// <summary>0 when there is none.</summary>
    internal int Best { get; private set; }

    internal ref Level this[int slot] => ref _levels[slot];

    /// <summary>0 when there is no level with the key.</summary>
    internal int Find(long key) => _slots.Find(key);

    internal int FindOrAdd(long key)
    {
        var slot = _slots.Find(key);
        return slot != 0 ? slot : Add(key);
    }

    /// <summary>Takes out an empty level.</summary>
    internal void Remove(int slot)
    {
        ref var level = ref _levels[slot];
        _slots.Remove(level.Key);
        _sorted.Remove(level.Key);
        if (level.Better != 0)
        {
            _levels[level.Better].Worse = level.Worse;
        }
        else
        {
            Best = level.Worse;
        }

        if (level.Worse != 0)
        {
            _levels[level.Worse].Better = level.Better;
        }
        else
        {
            _worst = level.Better;
        }

        level = new Level { Worse = _free };
        _free = slot;
    }

    private int Add(long key)
    {
        var slot = Allocate();
        _slots.Add(key, slot);
        var worse = _sorted.Insert(key, slot);
        var better = worse == 0 ? _worst : _levels[worse].Better;
        _levels[slot] = new Level { Key = key, Worse = worse, Better = better };
        if (better != 0)
        {
            _levels[better].Worse = slot;
        }
        else
        {
            Best = slot;
        }

        if (worse != 0)
        {
            _levels[worse].Better = slot;
        }
        else
        {
            _worst = slot;
        }

        return slot;
    }

    private int Allocate()
    {
        if (_free != 0)
        {
            var slot = _free;
            _free = _levels[slot].Worse;
            return slot;
        }

        if (_used == _levels.Length)
        {
            Array.Resize(ref _levels, _levels.Length * 2);
        }

        return _used++;
    }
}
