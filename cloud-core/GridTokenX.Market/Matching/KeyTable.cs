using System.Numerics;

namespace GridTokenX.Market.Matching;

/// <summary>
/// Key to slot by open addressing with linear probing, at most half full. A removal moves the entries behind it up, so
/// nothing wears out however often levels come and go.
/// </summary>
internal sealed class KeyTable
{
    private Entry[] _entries;
    private int _shift;
    private int _count;

    internal KeyTable(int expected)
    {
        _entries = new Entry[(int)BitOperations.RoundUpToPowerOf2((uint)expected * 2)];
        _shift = 64 - BitOperations.Log2((uint)_entries.Length);
    }

    /// <summary>0 when the key is not there.</summary>
    internal int Find(long key)
    {
        var entries = _entries;
        var position = Home(key);
        while (true)
        {
            ref var entry = ref entries[position];
            if (entry.Slot == 0 || entry.Key == key)
            {
                return entry.Slot;
            }

            position = (position + 1) & (entries.Length - 1);
        }
    }

    /// <summary>The key must not be there yet.</summary>
    internal void Add(long key, int slot)
    {
        if (++_count * 2 > _entries.Length)
        {
            Grow();
        }

        Put(key, slot);
    }

    /// <summary>The key must be there.</summary>
    internal void Remove(long key)
    {
        var mask = _entries.Length - 1;
        var hole = Home(key);
        while (_entries[hole].Key != key)
        {
            hole = (hole + 1) & mask;
        }

        for (var next = (hole + 1) & mask; _entries[next].Slot != 0; next = (next + 1) & mask)
        {
            var fromHome = (next - Home(_entries[next].Key)) & mask;
            if (fromHome >= ((next - hole) & mask))
            {
                _entries[hole] = _entries[next];
                hole = next;
            }
        }

        _entries[hole] = default;
        _count--;
    }

    // Fibonacci hashing: neighbouring keys spread over the table.
    private int Home(long key) => (int)(unchecked((ulong)key * 0x9E3779B97F4A7C15) >> _shift);

    private void Put(long key, int slot)
    {
        var position = Home(key);
        while (_entries[position].Slot != 0)
        {
            position = (position + 1) & (_entries.Length - 1);
        }

        _entries[position] = new Entry { Key = key, Slot = slot };
    }

    private void Grow()
    {
        var old = _entries;
        _entries = new Entry[old.Length * 2];
        _shift--;
        foreach (var entry in old)
        {
            if (entry.Slot != 0)
            {
                Put(entry.Key, entry.Slot);
            }
        }
    }

    private struct Entry
    {
        internal long Key;
        internal int Slot;
    }
}
