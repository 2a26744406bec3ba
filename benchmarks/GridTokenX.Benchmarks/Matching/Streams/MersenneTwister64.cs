namespace GridTokenX.Benchmarks.Matching.Streams;

/// <summary>
/// The 64-bit Mersenne Twister MT19937-64 (Matsumoto and Nishimura, 2004), known to C++ as <c>std::mt19937_64</c>.
/// </summary>
internal sealed class MersenneTwister64
{
    private const int Size = 312;
    private const int Middle = 156;
    private const ulong UpperMask = 0xFFFFFFFF80000000;
    private readonly ulong[] _state = new ulong[Size];
    private int _next = Size;

    internal MersenneTwister64(ulong seed)
    {
        _state[0] = seed;
        for (var i = 1; i < Size; i++)
        {
            var previous = _state[i - 1];
            _state[i] = unchecked((6_364_136_223_846_793_005 * (previous ^ (previous >> 62))) + (ulong)i);
        }
    }

    internal long Below(int bound) => (long)(Next() % (ulong)bound);

    private ulong Next()
    {
        if (_next == Size)
        {
            Twist();
        }

        var word = _state[_next++];
        word ^= (word >> 29) & 0x5555555555555555;
        word ^= (word << 17) & 0x71D67FFFEDA60000;
        word ^= (word << 37) & 0xFFF7EEE000000000;
        return word ^ (word >> 43);
    }

    private void Twist()
    {
        for (var i = 0; i < Size; i++)
        {
            var word = (_state[i] & UpperMask) | (_state[(i + 1) % Size] & ~UpperMask);
            _state[i] = _state[(i + Middle) % Size] ^ (word >> 1) ^ ((word & 1) * 0xB5026F5AA96619E9);
        }

        _next = 0;
    }
}
