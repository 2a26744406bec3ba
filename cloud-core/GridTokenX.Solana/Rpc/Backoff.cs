using System.Security.Cryptography;

namespace GridTokenX.Solana.Rpc;

/// <summary>Exponential back-off with full jitter: anywhere between nothing and the exponential bound, so that many
/// clients that failed together do not come back together.</summary>
internal static class Backoff
{
    /// <param name="failures">In a row, from 1.</param>
    public static TimeSpan Delay(int failures, TimeSpan first, TimeSpan max)
    {
        var doublings = Math.Min(failures - 1, 30);
        var bound = Int128.Min((Int128)first.Ticks << doublings, max.Ticks);
        // In milliseconds, as that fits the generator for any sensible bound.
        var milliseconds = (int)Int128.Min(bound / TimeSpan.TicksPerMillisecond, int.MaxValue - 1);
        return TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(milliseconds + 1));
    }
}
