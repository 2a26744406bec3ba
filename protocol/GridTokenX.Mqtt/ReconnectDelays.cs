using System.Security.Cryptography;

namespace GridTokenX.Mqtt;

/// <summary>
/// Exponential back-off with full jitter: before the n-th try in a row a wait drawn evenly from 0 to First × 2ⁿ, at
/// most Max. The jitter applies at the cap as well, so that the clients of a broker that was away do not come back all
/// at once.
/// </summary>
public sealed record ReconnectDelays(TimeSpan First, TimeSpan Max)
{
    public static readonly ReconnectDelays Default = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));

    /// <param name="attempt">0 for the first wait.</param>
    public TimeSpan Next(int attempt)
    {
        var ceiling = First.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 30));
        var milliseconds = (int)Math.Min(ceiling, Max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(milliseconds + 1));
    }
}
