namespace GridTokenX.Simulator;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood 2014): small, good enough for a simulation, and the same on every machine and
/// runtime. Each purpose draws from a stream of its own, so that one more draw in one place changes nothing in another.
/// </summary>
internal sealed class SeededRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state;

    private SeededRandom(ulong state) => _state = state;

    /// <summary>The stream of this seed for a purpose, e.g. <c>"load"</c>, of one home (or another number).</summary>
    public static SeededRandom For(long seed, string purpose, int number = 0)
    {
        unchecked
        {
            var state = Mix((ulong)seed + Golden);
            foreach (var character in purpose)
            {
                state = Mix(state ^ character);
            }

            return new SeededRandom(Mix(state + ((ulong)number * Golden)));
        }
    }

    /// <summary>Uniform from <paramref name="least"/> up to and including <paramref name="most"/>.</summary>
    public long Between(long least, long most)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(least, most);
        var width = (UInt128)((Int128)most - least) + 1;
        return (long)((Int128)(((UInt128)NextUInt64() * width) >> 64) + least);
    }

    /// <summary>True once in so many times.</summary>
    public bool OnceIn(int times) => Between(1, times) == 1;

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
        {
            bytes[i] = (byte)(NextUInt64() >> 56);
        }

        return bytes;
    }

    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        var shuffled = items.ToList();
        for (var i = shuffled.Count - 1; i > 0; i--)
        {
            var j = (int)Between(0, i);
            (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
        }

        return shuffled;
    }

    private ulong NextUInt64()
    {
        unchecked
        {
            _state += Golden;
            return Mix(_state);
        }
    }

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
