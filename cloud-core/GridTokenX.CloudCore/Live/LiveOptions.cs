namespace GridTokenX.CloudCore.Live;

/// <summary>Section <c>Live</c>.</summary>
public sealed record LiveOptions
{
    /// <summary>WebSockets and event streams together.</summary>
    public int MaxClients { get; init; } = 5_000;

    /// <summary>Of one address (of IPv6, a /64).</summary>
    public int MaxClientsOfAddress { get; init; } = 100;

    /// <summary>Messages that wait for one slow client; one more, and it has to begin anew.</summary>
    public int MaxQueued { get; init; } = 256;

    /// <summary>How often the database is asked for changes while somebody watches.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>A WebSocket over which nothing came for so long is asked for a sign of life.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Who takes nothing, or leaves a ping without an answer, for so long is gone.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Topics, in all, before a zone has to exist to be watched: until then a zone may be watched for its beginning.
    /// </summary>
    public int FreeTopics { get; init; } = 1_024;

    /// <summary>
    /// How long it is kept what has changed, for those who look; by the database's clock. Who has not looked for longer
    /// begins anew.
    /// </summary>
    public TimeSpan ChangeRetention { get; init; } = TimeSpan.FromMinutes(5);

    internal static IEnumerable<string> Faults(LiveOptions options)
    {
        if (options.MaxClients is < 1 or > 100_000 || options.MaxClientsOfAddress is < 1 or > 100_000)
        {
            yield return $"{nameof(MaxClients)} and {nameof(MaxClientsOfAddress)} go from 1 to 100000.";
        }

        if (options.MaxQueued is < 8 or > 10_000)
        {
            yield return $"{nameof(MaxQueued)} is {options.MaxQueued}; it goes from 8 to 10000.";
        }

        if (options.FreeTopics is < 1 or > 100_000)
        {
            yield return $"{nameof(FreeTopics)} is {options.FreeTopics}; it goes from 1 to 100000.";
        }

        if (options.PollInterval < TimeSpan.FromMilliseconds(5) || options.PollInterval > TimeSpan.FromSeconds(5))
        {
            yield return $"{nameof(PollInterval)} is {options.PollInterval}; it goes from 5 ms to 5 s.";
        }

        if (options.ChangeRetention < TimeSpan.FromSeconds(30) || options.ChangeRetention > TimeSpan.FromDays(1))
        {
            yield return $"{nameof(ChangeRetention)} is {options.ChangeRetention}; it goes from 30 s to a day.";
        }

        if (options.PingInterval < TimeSpan.FromSeconds(1) || options.PingInterval > TimeSpan.FromHours(1)
            || options.Patience < TimeSpan.FromSeconds(1) || options.Patience > TimeSpan.FromHours(1))
        {
            yield return $"{nameof(PingInterval)} and {nameof(Patience)} go from 1 s to 1 h.";
        }
    }
}
