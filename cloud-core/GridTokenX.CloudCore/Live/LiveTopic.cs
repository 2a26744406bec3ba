using System.Buffers;
using System.Text.Json;

namespace GridTokenX.CloudCore.Live;

/// <summary>What is watched: a channel, and whose.</summary>
/// <param name="Channel">Its name in the protocol.</param>
/// <param name="Zone">Of a public channel.</param>
/// <param name="User">Of one's own.</param>
internal readonly record struct TopicName(string Channel, string? Zone, Guid? User);

/// <summary>A part of a topic's state.</summary>
/// <param name="Key">Names it within the topic; items are shown in the order in which they were loaded.</param>
/// <param name="Json">As clients get it.</param>
/// <param name="Gone">As clients get it when it is there no more; null where that is not said.</param>
internal sealed record LiveItem(string Key, byte[] Json, byte[]? Gone = null);

/// <summary>
/// The state of a topic as it was last read, and how it came to be: a number for each change, and the newest changes
/// for those who were cut off. A change is the difference between two states, so none is missed, whatever happened in
/// between. Touched by the hub's loop alone.
/// </summary>
internal sealed class LiveTopic(TopicName name, string stream)
{
    private const int KeptMessages = 128;
    private const int KeptBytes = 1024 * 1024;

    private readonly Queue<(long Sequence, ReadOnlyMemory<byte> Message)> _recent = new();
    private Dictionary<string, LiveItem> _items = new(StringComparer.Ordinal);
    private List<LiveItem> _shown = [];
    private int _recentBytes;
    private ReadOnlyMemory<byte>? _snapshot;

    internal TopicName Name => name;

    internal string Stream => stream;

    internal long Sequence { get; private set; }

    internal bool IsLoaded { get; private set; }

    /// <summary>Nobody who comes again could have missed anything.</summary>
    internal bool IsEmpty => _items.Count == 0 && Sequence == 0;

    internal bool IsDirty { get; set; } = true;

    /// <summary>Not loaded again before; keeps a huge book from taking all the time there is.</summary>
    internal DateTimeOffset NotBefore { get; set; }

    /// <summary>When the last client went; null while there is one.</summary>
    internal DateTimeOffset? IdleSince { get; set; }

    internal HashSet<LiveClient> Clients { get; } = [];

    /// <summary>Takes the state over; the message of what has changed, null for nothing.</summary>
    /// <param name="items">All of it, or its newest so many.</param>
    /// <param name="window">
    /// How many are the newest: when so many are new at once there may have been more, and the message says so.
    /// </param>
    internal ReadOnlyMemory<byte>? Apply(IReadOnlyList<LiveItem> items, int window = int.MaxValue)
    {
        var next = new Dictionary<string, LiveItem>(items.Count, StringComparer.Ordinal);
        var changed = new List<byte[]>();
        foreach (var item in items)
        {
            next[item.Key] = item;
            if (!_items.TryGetValue(item.Key, out var before) || !before.Json.AsSpan().SequenceEqual(item.Json))
            {
                changed.Add(item.Json);
            }
        }

        foreach (var (key, item) in _items)
        {
            if (item.Gone is { } gone && !next.ContainsKey(key))
            {
                changed.Add(gone);
            }
        }

        var isFirst = !IsLoaded;
        (_items, _shown, IsLoaded) = (next, [.. items], true);
        if (isFirst || changed.Count == 0)
        {
            return null;
        }

        Sequence++;
        _snapshot = null;
        var message = Write("delta", changed, isTruncated: changed.Count >= window);
        Keep(message);
        return message;
    }

    internal ReadOnlyMemory<byte> Snapshot() =>
        _snapshot ??= Write("snapshot", _shown.Select(static item => item.Json));

    /// <summary>What came after a client's last message; null when that is not known any more.</summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>>? After(string? ofStream, long? sequence)
    {
        if (ofStream != stream || sequence is not { } last || last > Sequence)
        {
            return null;
        }

        return last == Sequence || (_recent.Count > 0 && _recent.Peek().Sequence <= last + 1)
            ? [.. _recent.Where(kept => kept.Sequence > last).Select(static kept => kept.Message)]
            : null;
    }

    private void Keep(ReadOnlyMemory<byte> message)
    {
        _recent.Enqueue((Sequence, message));
        _recentBytes += message.Length;
        while (_recent.Count > KeptMessages || _recentBytes > KeptBytes)
        {
            _recentBytes -= _recent.Dequeue().Message.Length;
        }
    }

    private ReadOnlyMemory<byte> Write(string type, IEnumerable<byte[]> items, bool isTruncated = false)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("channel", name.Channel);
            if (name.Zone is { } zone)
            {
                json.WriteString("zone", zone);
            }

            json.WriteString("stream", stream);
            json.WriteNumber("sequence", Sequence);
            if (isTruncated)
            {
                json.WriteBoolean("truncated", true);
            }

            json.WriteStartArray("items");
            foreach (var item in items)
            {
                json.WriteRawValue(item, skipInputValidation: true);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
