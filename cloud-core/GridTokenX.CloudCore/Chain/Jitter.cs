using System.Security.Cryptography;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Exponential back-off with full jitter.</summary>
internal static class Jitter
{
    /// <summary>Anywhere between zero and first × 2^(failures − 1), capped.</summary>
    /// <param name="failures">In a row, from 1.</param>
    /// <param name="first">The bound after the first failure.</param>
    /// <param name="longest">The cap.</param>
    public static TimeSpan After(int failures, TimeSpan first, TimeSpan longest)
    {
        var doublings = Math.Clamp(failures - 1, 0, 40);
        var bound = Int128.Min((Int128)first.Ticks << doublings, longest.Ticks) / TimeSpan.TicksPerMillisecond;
        return TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32((int)bound + 1));
    }
}
