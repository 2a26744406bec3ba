namespace GridTokenX.CloudCore.Api;

/// <summary>Section <c>Api</c>: what the server holds at the same time.</summary>
public sealed record ApiOptions
{
    /// <summary>One more is closed at once.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Bytes of all bodies that have arrived and are not answered; beyond them: overloaded.</summary>
    public long MaxBodyBytesInHand { get; init; } = 256 * 1024 * 1024;

    /// <summary>
    /// Addresses of proxies in front, comma-separated: what they say in X-Forwarded-For is the caller's address. None:
    /// the connection's own address is.
    /// </summary>
    public string? TrustedProxies { get; init; }

    internal IReadOnlyList<System.Net.IPAddress> Proxies =>
        [.. Split(TrustedProxies).Select(System.Net.IPAddress.Parse)];

    internal static IEnumerable<string> Faults(ApiOptions options)
    {
        if (options.MaxConnections is < 1 or > 1_000_000)
        {
            yield return $"{nameof(MaxConnections)} is {options.MaxConnections}; it goes from 1 to 1000000.";
        }

        if (options.MaxBodyBytesInHand < 16 * 1024 * 1024)
        {
            yield return $"{nameof(MaxBodyBytesInHand)} is {options.MaxBodyBytesInHand}; it is at least 16777216.";
        }

        foreach (var text in Split(options.TrustedProxies).Where(static t => !System.Net.IPAddress.TryParse(t, out _)))
        {
            yield return $"{nameof(TrustedProxies)}: {text} is no IP address.";
        }
    }

    private static string[] Split(string? list) =>
        (list ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
