using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace GridTokenX.CloudCore.Storage;

/// <summary>
/// What many requests ask for and few change, up to a bound: when it is reached, all is forgotten. Looking up takes no
/// lock. (To be asked for its count a concurrent dictionary takes every lock it has, which is dear on the way of each
/// request.)
/// </summary>
internal sealed class Remembered<TKey, TValue>(int most)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TValue> _entries = new();
    private readonly Lock _changing = new();
    private int _count;

    internal bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => _entries.TryGetValue(key, out value);

    internal bool Contains(TKey key) => _entries.ContainsKey(key);

    internal void Set(TKey key, TValue value)
    {
        lock (_changing)
        {
            if (!_entries.TryAdd(key, value))
            {
                _entries[key] = value;
            }
            else if (++_count > most)
            {
                _entries.Clear();
                _entries[key] = value;
                _count = 1;
            }
        }
    }

    internal void Forget(TKey key)
    {
        lock (_changing)
        {
            _count -= _entries.TryRemove(key, out _) ? 1 : 0;
        }
    }

    internal void Clear()
    {
        lock (_changing)
        {
            _entries.Clear();
            _count = 0;
        }
    }
}
