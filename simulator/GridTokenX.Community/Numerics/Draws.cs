namespace GridTokenX.Community.Numerics;

/// <summary>
/// Random numbers without a state: each is a function of the seed, a purpose, a number (a home, a zone), a step and an
/// index. So nothing depends on the order in which homes are visited, on threads, or on how often somebody else drew.
/// The mixing function is that of SplitMix64 (Steele, Lea and Flood 2014), applied to a counter.
/// </summary>
internal readonly struct Draws
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private const ulong StepFactor = 0xD1342543DE82EF95;

    private readonly ulong _key;

    private Draws(ulong key) => _key = key;

    public static Draws For(long seed, string purpose, int number = 0)
    {
        unchecked
        {
            var key = Mix((ulong)seed + Golden);
            foreach (var character in purpose)
            {
                key = Mix(key ^ character);
            }

            return new Draws(Mix(key + (((ulong)number + 1) * Golden)));
        }
    }

    public ulong Bits(long step, int index)
    {
        unchecked
        {
            return Mix(Mix(_key + ((ulong)step * StepFactor)) + (((ulong)index + 1) * Golden));
        }
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-53.</summary>
    public double Unit(long step, int index) => (Bits(step, index) >> 11) * (1.0 / (1L << 53));

    /// <summary>Uniform from <paramref name="least"/> up to and including <paramref name="most"/>.</summary>
    public long Between(long step, int index, long least, long most)
    {
        var width = (UInt128)((Int128)most - least) + 1;
        return (long)((Int128)((Bits(step, index) * width) >> 64) + least);
    }

    /// <summary>Uniform between two numbers.</summary>
    public double Between(long step, int index, double least, double most) =>
        least + (Unit(step, index) * (most - least));

    /// <summary>Standard normal (Box and Muller 1958), of two indices from <paramref name="index"/>.</summary>
    public double Normal(long step, int index)
    {
        var radius = Math.Sqrt(-2 * Real.Log(1 - Unit(step, index)));
        return radius * Real.Cos(2 * Real.Pi * Unit(step, index + 1));
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
