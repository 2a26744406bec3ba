using System.Globalization;
using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Live;

/// <summary>A price level, as the committed orders make it.</summary>
internal sealed record LevelRow(string Zone, string Side, PricePerKwh Price, WattHours Energy, int Orders)
{
    internal BookLevel ToView() => new(Side, Price.ToGrx(), Energy.ToKwh(), Orders);
}

/// <summary>
/// The order book by price level: what is left of all live orders. Direct purchases are no offers, and not in it. An
/// order counts until its expiry is written down.
/// </summary>
internal sealed class BookChannel(NpgsqlDataSource database) : ILiveChannel
{
    internal const string ChannelName = "book";

    public string Name => ChannelName;

    public string Kind => "orders";

    public bool IsOwn => false;

    public int Window => int.MaxValue;

    public async Task<IReadOnlyDictionary<TopicName, IReadOnlyList<LiveItem>>> LoadAsync(
        IReadOnlyList<TopicName> topics, CancellationToken cancellationToken) => LiveItems.ByTopic(
            await LevelsAsync(database, [.. topics.Select(static topic => topic.Zone!)], cancellationToken),
            static row => new TopicName(ChannelName, row.Zone, null),
            static row => LiveItems.Of(
                string.Create(CultureInfo.InvariantCulture, $"{row.Side}:{row.Price.Value}"),
                row.ToView(),
                ProtocolJson.Default.BookLevel,
                row.ToView() with { AmountKwh = 0, Orders = 0 }));

    /// <summary>Buyers first, and the best of each side.</summary>
    internal static Task<IReadOnlyList<LevelRow>> LevelsAsync(
        NpgsqlDataSource database, string[] zones, CancellationToken cancellationToken) =>
        database.QueryAsync<LevelRow>(
            """
            select zone, side, limit_price as price, sum(energy_wh - filled_wh)::bigint as energy,
                   count(*)::int as orders
            from orders
            where zone = any(@zones) and status in ('active', 'partially_filled') and target_order is null
            group by zone, side, limit_price
            order by zone, side, case side when 'buy' then -limit_price else limit_price end
            """,
            new { zones },
            cancellationToken);
}

/// <summary>The newest trades of a zone.</summary>
internal sealed class TradesChannel(NpgsqlDataSource database) : ILiveChannel
{
    private const string ChannelName = "trades";
    private const int Newest = 200;

    private sealed record Row
    {
        public required long Sequence { get; init; }

        public required Guid Id { get; init; }

        public required string Zone { get; init; }

        public required WattHours Energy { get; init; }

        public required PricePerKwh Price { get; init; }

        public required MicroGrx Value { get; init; }

        public required DateTimeOffset MatchedAt { get; init; }

        internal TradeTick ToView() =>
            new(Sequence, Id, Zone, Energy.ToKwh(), Price.ToGrx(), Value.ToGrx(), MatchedAt);
    }

    public string Name => ChannelName;

    public string Kind => "matches";

    public bool IsOwn => false;

    public int Window => Newest;

    public async Task<IReadOnlyDictionary<TopicName, IReadOnlyList<LiveItem>>> LoadAsync(
        IReadOnlyList<TopicName> topics, CancellationToken cancellationToken) => LiveItems.ByTopic(
            await database.QueryAsync<Row>(
                """
                select m.* from unnest(@zones) as named (zone) cross join lateral (
                    select sequence, id, zone, energy_wh as energy, price, value_ugrx as value, matched_at
                    from matches where zone = named.zone order by sequence desc limit @Newest) m
                order by m.sequence
                """,
                new { zones = topics.Select(static topic => topic.Zone).ToArray(), Newest },
                cancellationToken),
            static row => new TopicName(ChannelName, row.Zone, null),
            static row => LiveItems.Of(
                row.Sequence.ToString(CultureInfo.InvariantCulture), row.ToView(), ProtocolJson.Default.TradeTick));
}

/// <summary>The newest epochs of a zone, the present one first.</summary>
internal sealed class EpochsChannel(NpgsqlDataSource database) : ILiveChannel
{
    private const string ChannelName = "epochs";
    private const int Newest = 16;

    public string Name => ChannelName;

    public string Kind => "epochs";

    public bool IsOwn => false;

    public int Window => Newest;

    public async Task<IReadOnlyDictionary<TopicName, IReadOnlyList<LiveItem>>> LoadAsync(
        IReadOnlyList<TopicName> topics, CancellationToken cancellationToken) => LiveItems.ByTopic(
            await EpochEndpoints.NewestAsync(
                database, [.. topics.Select(static topic => topic.Zone!)], Newest, cancellationToken),
            static epoch => new TopicName(ChannelName, epoch.Zone, null),
            static epoch => LiveItems.Of(
                epoch.Number.ToString(CultureInfo.InvariantCulture), epoch, ProtocolJson.Default.EpochView));
}
