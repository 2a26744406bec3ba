using System.Diagnostics;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Benchmarks.Market;

/// <summary>How many Ed25519 signatures libsodium verifies a second on all cores: the bound of every intake.</summary>
internal static class VerifyRate
{
    private const int MessageLength = 88;

    internal static double Measure()
    {
        var watch = Stopwatch.StartNew();
        var counts = new long[Environment.ProcessorCount];
        var threads = counts.Select((_, core) => new Thread(() => counts[core] = Count())).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        return counts.Sum() / watch.Elapsed.TotalSeconds;
    }

    private static long Count()
    {
        using var key = SigningKey.Generate();
        var message = new byte[MessageLength];
        var signature = key.Sign(message);
        var watch = Stopwatch.StartNew();
        var verified = 0L;
        while (watch.ElapsedMilliseconds < 1000)
        {
            for (var i = 0; i < 100; i++)
            {
                verified += Ed25519.Verify(key.PublicKey, message, signature) ? 1 : 0;
            }
        }

        return verified;
    }
}
