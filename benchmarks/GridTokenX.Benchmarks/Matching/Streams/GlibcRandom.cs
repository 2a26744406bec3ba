namespace GridTokenX.Benchmarks.Matching.Streams;

/// <summary>
/// glibc's <c>rand()</c> (random(3), TYPE_3: an additive feedback generator of degree 31), so that the streams are the
/// ones that other engines were measured with.
/// </summary>
internal sealed class GlibcRandom
{
    private const int Degree = 31;
    private const int Separation = 3;
    private const int Discarded = 310;
    private readonly uint[] _state = new uint[Degree];
    private int _next = Separation;

    internal GlibcRandom(int seed)
    {
        long word = seed;
        for (var i = 0; i < Degree; i++)
        {
            _state[i] = (uint)word;
            word = 16_807 * word % 2_147_483_647;
        }

        for (var i = 0; i < Discarded; i++)
        {
            _ = Next();
        }
    }

    /// <summary>0 to 2^31 − 1.</summary>
    internal int Next()
    {
        var word = unchecked(_state[_next] + _state[(_next + Degree - Separation) % Degree]);
        _state[_next] = word;
        _next = (_next + 1) % Degree;
        return (int)(word >> 1);
    }
}
