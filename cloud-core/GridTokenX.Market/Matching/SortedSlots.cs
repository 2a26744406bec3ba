namespace GridTokenX.Market.Matching;

/// <summary>
/// Where a new key belongs among those there are. Keys stand sorted in chunks of at most 128, chunks in one array: an
/// insertion moves half a chunk, and now and then the array of chunks, also with a million keys. Near the largest key,
/// where markets are busy, it moves next to nothing.
/// </summary>
internal sealed class SortedSlots
{
    private const int ChunkSize = 128;
    private const int ScanLength = 8;

    private readonly Stack<Chunk> _spare;
    private Chunk[] _chunks;
    private int _count = 1;

    internal SortedSlots(int expected)
    {
        // A split leaves chunks half full.
        var most = 1 + (expected / (ChunkSize / 2));
        _chunks = new Chunk[most];
        _chunks[0] = new Chunk();
        _spare = new Stack<Chunk>(most);
        for (var i = 1; i < most; i++)
        {
            _spare.Push(new Chunk());
        }
    }

    /// <summary>Adds a key that is not there yet; returns the slot of the next smaller key, or 0.</summary>
    internal int Insert(long key, int slot)
    {
        var index = ChunkOf(key);
        var chunk = _chunks[index];
        if (chunk.Count == ChunkSize)
        {
            Split(index);
            if (key > _chunks[index + 1].Keys[0])
            {
                index++;
            }

            chunk = _chunks[index];
        }

        var position = chunk.PositionOf(key);
        chunk.Insert(position, key, slot);
        if (position > 0)
        {
            return chunk.Slots[position - 1];
        }

        return index > 0 ? _chunks[index - 1].LastSlot : 0;
    }

    /// <summary>The key must be there.</summary>
    internal void Remove(long key)
    {
        var index = ChunkOf(key);
        var chunk = _chunks[index];
        chunk.RemoveAt(chunk.PositionOf(key));
        if (chunk.Count == 0 && _count > 1)
        {
            _count--;
            Array.Copy(_chunks, index + 1, _chunks, index, _count - index);
            _spare.Push(chunk);
        }
    }

    /// <summary>The last chunk that starts at or below the key; the first one for a key below all.</summary>
    private int ChunkOf(long key)
    {
        var low = 0;
        var high = _count - 1;
        if (_chunks[high].Count > 0 && key >= _chunks[high].Keys[0])
        {
            return high;
        }

        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_chunks[middle].Keys[0] <= key)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private void Split(int index)
    {
        if (_count == _chunks.Length)
        {
            Array.Resize(ref _chunks, _chunks.Length * 2);
        }

        Array.Copy(_chunks, index + 1, _chunks, index + 2, _count - index - 1);
        _count++;
        var upper = _spare.Count > 0 ? _spare.Pop() : new Chunk();
        _chunks[index].MoveUpperHalfTo(upper);
        _chunks[index + 1] = upper;
    }

    private sealed class Chunk
    {
        internal readonly long[] Keys = new long[ChunkSize];
        internal readonly int[] Slots = new int[ChunkSize];

        internal int Count { get; private set; }

        internal int LastSlot => Slots[Count - 1];

        /// <summary>Of the first key at or above.</summary>
        internal int PositionOf(long key)
        {
            var high = Count;
            for (var step = 0; step < ScanLength; step++)
            {
                if (high == 0 || Keys[high - 1] < key)
                {
                    return high;
                }

                high--;
            }

            var low = 0;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Keys[middle] < key)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            return low;
        }

        internal void Insert(int position, long key, int slot)
        {
            if (position < Count)
            {
                Array.Copy(Keys, position, Keys, position + 1, Count - position);
                Array.Copy(Slots, position, Slots, position + 1, Count - position);
            }

            Keys[position] = key;
            Slots[position] = slot;
            Count++;
        }

        internal void RemoveAt(int position)
        {
            Count--;
            if (position < Count)
            {
                Array.Copy(Keys, position + 1, Keys, position, Count - position);
                Array.Copy(Slots, position + 1, Slots, position, Count - position);
            }
        }

        internal void MoveUpperHalfTo(Chunk upper)
        {
            upper.Count = ChunkSize / 2;
            Count = ChunkSize - upper.Count;
            Array.Copy(Keys, Count, upper.Keys, 0, upper.Count);
            Array.Copy(Slots, Count, upper.Slots, 0, upper.Count);
        }
    }
}
