using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using Npgsql;

namespace GridTokenX.CloudCore.Live;

/// <summary>The newest of what belongs to a user; the same views as the API's lists have.</summary>
internal sealed class OwnChannel<T>(
    string name,
    int newest,
    JsonTypeInfo<T> type,
    Func<T, string> key,
    Func<Guid[], int, CancellationToken, Task<IReadOnlyList<Own<T>>>> load) : ILiveChannel
    where T : class
{
    public string Name => name;

    public string Kind => name;

    public bool IsOwn => true;

    public int Window => newest;

    public async Task<IReadOnlyDictionary<TopicName, IReadOnlyList<LiveItem>>> LoadAsync(
        IReadOnlyList<TopicName> topics, CancellationToken cancellationToken) => LiveItems.ByTopic(
            await load([.. topics.Select(static topic => topic.User!.Value)], newest, cancellationToken),
            own => new TopicName(name, null, own.Owner),
            own => LiveItems.Of(key(own.View), own.View, type));
}

internal static class OwnChannels
{
    private const int Newest = 200;
    private const int NewestReadings = 96;

    internal static void AddOwnChannels(this IServiceCollection services) => _ = services
        .AddSingleton<ILiveChannel>(static provider => new OwnChannel<OrderView>(
            "orders",
            Newest,
            ProtocolJson.Default.OrderView,
            static order => order.OrderId.ToString(),
            (users, limit, cancellationToken) => OwnRecords.OrdersAsync(
                provider.GetRequiredService<NpgsqlDataSource>(), users, long.MaxValue, limit, cancellationToken)))
        .AddSingleton<ILiveChannel>(static provider => new OwnChannel<SettlementView>(
            "settlements",
            Newest,
            ProtocolJson.Default.SettlementView,
            static settlement => settlement.Number,
            (users, limit, cancellationToken) => OwnRecords.SettlementsAsync(
                provider.GetRequiredService<NpgsqlDataSource>(), users, long.MaxValue, limit, cancellationToken)))
        .AddSingleton<ILiveChannel>(static provider => new OwnChannel<LockView>(
            "locks",
            Newest,
            ProtocolJson.Default.LockView,
            static @lock => @lock.OrderId.ToString(),
            (users, limit, cancellationToken) => OwnRecords.LocksAsync(
                provider.GetRequiredService<NpgsqlDataSource>(), users, long.MaxValue, limit, cancellationToken)))
        .AddSingleton<ILiveChannel>(static provider => new OwnChannel<ReadingView>(
            "readings",
            NewestReadings,
            ProtocolJson.Default.ReadingView,
            static reading => string.Create(CultureInfo.InvariantCulture, $"{reading.MeterId}:{reading.Sequence}"),
            (users, limit, cancellationToken) => OwnRecords.NewestReadingsAsync(
                provider.GetRequiredService<NpgsqlDataSource>(), users, limit, cancellationToken)));
}
