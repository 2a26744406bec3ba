using System.Diagnostics;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Benchmarks;

/// <summary>What libsodium verifies of Ed25519 on all cores: the bound of every intake.</summary>
/// <param name="PerSecond">Signatures.</param>
/// <param name="Cpu">µs of processor time for one: does not depend on what else the machine does.</param>
internal readonly record struct VerifyRate(double PerSecond, double Cpu)
{
    private const int MessageLength = 88;

    internal static VerifyRate Mean(VerifyRate a, VerifyRate b) =>
        new((a.PerSecond + b.PerSecond) / 2, (a.Cpu + b.Cpu) / 2);

    internal static VerifyRate Measure()
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var counts = new long[Environment.ProcessorCount];
        var threads = counts.Select((_, core) => new Thread(() => counts[core] = Count())).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        var elapsed = watch.Elapsed;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        return new VerifyRate(counts.Sum() / elapsed.TotalSeconds, cpu.TotalMicroseconds / counts.Sum());
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
