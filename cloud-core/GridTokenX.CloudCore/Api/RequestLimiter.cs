// A token bucket for each caller, as a generic cell rate algorithm (ITU-T I.371): one number a bucket, the time at
// which it would be full again. Callers share a fixed table by a hash that nobody outside can foresee, so that no crowd
// of them needs more memory; two that meet in one bucket share its allowance.

using System.Net;
using System.Net.Sockets;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Api;

/// <summary>What is left to a caller.</summary>
/// <param name="Remaining">Requests that it may still make at once.</param>
/// <param name="RetryAfter">Until it may make another one; zero while it may.</param>
internal readonly record struct Allowance(bool Granted, int Remaining, TimeSpan RetryAfter);

internal sealed class RequestLimiter
{
    private const int Buckets = 1 << 16;

    private readonly long[] _fullAt = new long[Buckets];
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly long _perRequest;
    private readonly long _room;

    /// <param name="name">As it stands in the headers: <c>address</c> or <c>signer</c>.</param>
    /// <param name="perSecond">In the long run.</param>
    /// <param name="burst">At once, after a pause.</param>
    internal RequestLimiter(string name, int perSecond, int burst, TimeProvider clock)
    {
        Name = name;
        Burst = burst;
        _clock = clock;
        _start = clock.GetTimestamp();
        _perRequest = TimeSpan.TicksPerSecond / perSecond;
        _room = _perRequest * burst;
    }

    internal string Name { get; }

    internal int Burst { get; }

    internal Allowance Take(Key32 signer) => Take(signer.GetHashCode());

    /// <summary>Of IPv6 the first 64 bits: the rest is a network's own to give away.</summary>
    internal Allowance Take(IPAddress? address)
    {
        if (address is null)
        {
            return Take(0);
        }

        Span<byte> bytes = stackalloc byte[16];
        var length = address.TryWriteBytes(bytes, out var written) ? written : 0;
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            var isMapped = address.IsIPv4MappedToIPv6;
            bytes = isMapped ? bytes[12..] : bytes;
            length = isMapped ? 4 : 8;
        }

        var hash = default(HashCode);
        hash.AddBytes(bytes[..length]);
        return Take(hash.ToHashCode());
    }

    private Allowance Take(int hash)
    {
        ref var fullAt = ref _fullAt[hash & (Buckets - 1)];
        var now = _clock.GetElapsedTime(_start).Ticks;
        while (true)
        {
            var seen = Volatile.Read(ref fullAt);
            var next = Math.Max(seen, now) + _perRequest;
            var left = _room - (next - now);
            if (left < 0)
            {
                return new Allowance(false, 0, TimeSpan.FromTicks(-left));
            }

            if (Interlocked.CompareExchange(ref fullAt, next, seen) == seen)
            {
                return new Allowance(true, (int)(left / _perRequest), TimeSpan.Zero);
            }
        }
    }
}
