using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GridTokenX.CloudCore.Live;

/// <summary>What of the database a channel shows, and which changes concern it.</summary>
internal interface ILiveChannel
{
    string Name { get; }

    /// <summary>Of <c>live_changes</c>.</summary>
    string Kind { get; }

    /// <summary>Everybody sees his own; otherwise a zone is everybody's.</summary>
    bool IsOwn { get; }

    /// <summary>It shows the newest so many; <see cref="int.MaxValue"/> for all.</summary>
    int Window { get; }

    /// <summary>The present states, of all that are asked for together.</summary>
    Task<IReadOnlyDictionary<TopicName, IReadOnlyList<LiveItem>>> LoadAsync(
        IReadOnlyList<TopicName> topics, CancellationToken cancellationToken);
}

internal static class LiveItems
{
    internal static LiveItem Of<T>(string key, T view, JsonTypeInfo<T> type, T? gone = default)
        where T : class => new(
            key,
            JsonSerializer.SerializeToUtf8Bytes(view, type),
            gone is null ? null : JsonSerializer.SerializeToUtf8Bytes(gone, type));

    internal static IReadOnlyDictionary<TopicName, IReadOnlyList<LiveItem>> ByTopic<T>(
        IEnumerable<T> rows, Func<T, TopicName> topic, Func<T, LiveItem> item) =>
        rows.GroupBy(topic).ToDictionary(
            static group => group.Key, group => (IReadOnlyList<LiveItem>)[.. group.Select(item)]);
}
