using System.Collections.Concurrent;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>Counts refused messages by code, and logs each code at most every ten seconds of wall time.</summary>
internal sealed class Refusals(WallTime wall, ILogger<Refusals> logger)
{
    internal const string TopicMismatch = "topic_mismatch";
    internal const string InboxFull = "inbox_full";
    internal const string DatabaseFull = "database_full";
    internal const string DatabaseFault = "database_fault";
    internal const string OlderIsOwed = "older_is_owed";
    internal const string MalformedCommand = "malformed_command";
    internal const string MalformedState = "malformed_state";
    internal const string MalformedConsent = "malformed_consent";
    internal const string NoSuchPage = "no_such_page";

    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, long> _cloud = new(StringComparer.Ordinal);

    /// <summary>The cloud refused a reading for good.</summary>
    internal void Cloud(string code) => _ = _cloud.AddOrUpdate(code, 1, static (_, count) => count + 1);

    /// <summary>What was refused since the start: by this gateway, and by the cloud.</summary>
    internal IEnumerable<(string By, string Code, long Count)> All() =>
        _entries.Select(static entry => ("gateway", entry.Key, Interlocked.Read(ref entry.Value.Count)))
            .Concat(_cloud.Select(static entry => ("cloud", entry.Key, entry.Value)));

    internal long Count(string code) =>
        _entries.TryGetValue(code, out var entry) ? Interlocked.Read(ref entry.Count) : 0;

    /// <param name="code">Why; one of a fixed set.</param>
    /// <param name="topic">Where it came from, a topic or a path; not trusted, logged without control characters and
    /// shortened.</param>
    internal void Add(string code, string topic)
    {
        var entry = _entries.GetOrAdd(code, static _ => new Entry());
        var count = Interlocked.Increment(ref entry.Count);
        var now = wall.UtcNow.UtcTicks;
        var last = Interlocked.Read(ref entry.LoggedAt);
        if (now - last >= LogInterval.Ticks && Interlocked.CompareExchange(ref entry.LoggedAt, now, last) == last)
        {
            Log.Refused(logger, code, Printable(topic), count);
        }
    }

    private static string Printable(string topic) =>
        string.Create(Math.Min(topic.Length, 80), topic, static (text, source) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = char.IsAscii(source[i]) && !char.IsControl(source[i]) ? source[i] : '?';
            }
        });

    private sealed class Entry
    {
        internal long Count;
        internal long LoggedAt;
    }
}
