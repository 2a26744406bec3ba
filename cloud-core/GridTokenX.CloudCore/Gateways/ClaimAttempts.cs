using System.Net;
using System.Net.Sockets;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Gateways;

/// <summary>
/// Counts wrong claim codes, by gateway and by network address (IPv6: by its network of 64 bits). A code has 60 random
/// bits and lives for a quarter of an hour, so this keeps noise out rather than guessers.
/// </summary>
internal sealed class ClaimAttempts(WallTime wall)
{
    internal const int MaxWrongOfGateway = 10;
    internal const int MaxWrongOfAddress = 60;
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    private const int MaxEntries = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Wrong, DateTimeOffset Until)> _entries = new(StringComparer.Ordinal);

    internal bool MayTry(Key32 gateway, IPAddress? from)
    {
        lock (_lock)
        {
            return Wrong(NameOf(gateway)) < MaxWrongOfGateway && Wrong(NameOf(from)) < MaxWrongOfAddress;
        }
    }

    internal void CountWrong(Key32 gateway, IPAddress? from)
    {
        lock (_lock)
        {
            Count(NameOf(gateway));
            Count(NameOf(from));
        }
    }

    private static string NameOf(Key32 gateway) => gateway.ToString();

    private static string NameOf(IPAddress? from)
    {
        if (from is null || from.IsIPv4MappedToIPv6)
        {
            return from?.MapToIPv4().ToString() ?? "nowhere";
        }

        return from.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(from.GetAddressBytes()[..8])
            : from.ToString();
    }

    private int Wrong(string name) =>
        _entries.TryGetValue(name, out var entry) && entry.Until > wall.UtcNow ? entry.Wrong : 0;

    private void Count(string name)
    {
        var now = wall.UtcNow;
        if (_entries.TryGetValue(name, out var entry) && entry.Until > now)
        {
            _entries[name] = (entry.Wrong + 1, entry.Until);
            return;
        }

        if (_entries.Count >= MaxEntries)
        {
            MakeRoom(now);
        }

        _entries[name] = (1, now + Window);
    }

    private void MakeRoom(DateTimeOffset now)
    {
        var ended = _entries.Where(entry => entry.Value.Until <= now).Select(static entry => entry.Key).ToList();
        ended = ended.Count > 0
            ? ended
            : [.. _entries.OrderBy(static entry => entry.Value.Until).Take(MaxEntries / 10).Select(static e => e.Key)];
        ended.ForEach(name => _entries.Remove(name));
    }
}
