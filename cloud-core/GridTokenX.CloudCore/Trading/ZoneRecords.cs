using Dapper;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;
using Npgsql;
using BookOrder = GridTokenX.Market.Matching.NewOrder;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Another process has written to the zone meanwhile: what this one knows of it is worth nothing.</summary>
public sealed class FencedException(string zone) : Exception($"Zone {zone} has another writer now.");

/// <summary>What a zone's row says.</summary>
internal sealed record ZoneState
{
    public required Guid Writer { get; init; }

    public required long Sequence { get; init; }

    public required long Accepted { get; init; }

    public required long Ticks { get; init; }

    public required long DynamicPrice { get; init; }

    public required string Mode { get; init; }

    public required long Hashed { get; init; }

    internal ZonePosition Position => new(Sequence, Accepted, Ticks, DynamicPrice);
}

/// <summary>How a zone's book, its journal and its inbox are read and written.</summary>
internal static class ZoneRecords
{
    private const string State =
        """
        select writer, sequence, accepted, ticks, dynamic_price, mode, hashed from market_zones where zone = @zone
        """;

    private const string Inbox =
        """
        select i.id, i.kind, o.id as order_id, o.sequence as order_sequence, o.place,
               o.status in ('active', 'partially_filled') as is_live, u.number as owner, o.side,
               o.limit_price as limit, o.energy_wh as energy, o.filled_wh as filled, o.expires_at,
               o.target_order as target, o.time_in_force as force, i.wallet, i.key, i.request_hash
        from market_inbox i join orders o on o.id = i.order_id join users u on u.id = o.owner_id
        where i.zone = @zone and (
            i.kind <> 'place'
            or (@all and (not @auction or (o.target_order is null and o.escrowed_at <= @at)))
            or (not @all and o.expires_at <= @at))
        order by i.kind = 'place', o.sequence, i.id
        limit @limit
        """;

    internal sealed record LiveOrder
    {
        public required Guid Id { get; init; }

        public required long Place { get; init; }

        public required long Owner { get; init; }

        public required string Side { get; init; }

        public required PricePerKwh Limit { get; init; }

        public required WattHours Energy { get; init; }

        public required WattHours Filled { get; init; }

        public required DateTimeOffset ExpiresAt { get; init; }

        /// <summary>One of <see cref="OrderForce"/>.</summary>
        public required string Force { get; init; }

        internal BookOrder ToNewOrder() => new()
        {
            Sequence = Place,
            Owner = Owner,
            Side = Side == OrderSide.Buy ? Market.Matching.Side.Bid : Market.Matching.Side.Ask,
            Limit = Limit,
            Energy = Energy,
            Filled = Filled,
            ExpiresAt = MarketTime.At(ExpiresAt),
            TimeInForce = OrderForce.Parse(Force),
        };
    }

    /// <summary>
    /// Nobody else matches or clears the zone until the transaction ends. A process that stands still in the middle
    /// loses the transaction after a while, so that the others go on. Then, in the same round trip, what the zone's row
    /// says and what its inbox holds: the oldest rows first; of a leaving scope also the orders that have expired
    /// before their turn.
    /// </summary>
    internal static async Task<(ZoneState? State, IReadOnlyList<ZoneCommand> Commands)> TakeAsync(
        NpgsqlTransaction transaction,
        string zone,
        TimeSpan patience,
        ZoneScope scope,
        DateTimeOffset now,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var results = await transaction.Connection!.QueryMultipleAsync(new CommandDefinition(
            $"""
            select set_config('idle_in_transaction_session_timeout', @milliseconds, true);
            {ZoneLock.Statement};
            {State};
            {Inbox}
            """,
            new
            {
                milliseconds = ZoneLock.MillisecondsOf(patience),
                zone,
                all = scope is not ZoneScope.Leaving,
                auction = false,
                at = now,
                limit,
            },
            transaction,
            cancellationToken: cancellationToken));
        _ = await results.ReadAsync();
        _ = await results.ReadAsync();
        var state = await results.ReadFirstOrDefaultAsync<ZoneState>();
        return (state, (await results.ReadAsync<ZoneCommand>()).AsList());
    }

    internal static Task<ZoneState?> StateAsync(
        NpgsqlTransaction transaction, string zone, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<ZoneState>(State, new { zone }, cancellationToken);

    /// <summary>Another process has written to the zone a moment ago.</summary>
    internal static async Task<bool> IsInGoodHandsAsync(
        NpgsqlDataSource database, string zone, Guid writer, TimeSpan within, CancellationToken cancellationToken) =>
        within > TimeSpan.Zero && await database.FirstOrDefaultAsync<bool>(
            """
            select exists (
                select from market_zones
                where zone = @zone and writer <> @writer and written_at > clock_timestamp() - @within)
            """,
            new { zone, writer, within },
            cancellationToken);

    /// <summary>The orders of the zone's book, by their places.</summary>
    internal static Task<IReadOnlyList<LiveOrder>> LiveAsync(
        NpgsqlTransaction transaction, string zone, CancellationToken cancellationToken) =>
        transaction.QueryAsync<LiveOrder>(
            """
            select o.id, o.place, u.number as owner, o.side, o.limit_price as limit, o.energy_wh as energy,
                   o.filled_wh as filled, o.expires_at, o.time_in_force as force
            from orders o join users u on u.id = o.owner_id
            where o.zone = @zone and o.status in ('active', 'partially_filled') and o.place is not null
            order by o.place
            """,
            new { zone },
            cancellationToken);

    /// <summary>
    /// For an auction: what leaves, and the orders that were there at its instant. Direct purchases have nothing to do
    /// with it.
    /// </summary>
    internal static Task<IReadOnlyList<ZoneCommand>> AuctionInboxAsync(
        NpgsqlTransaction transaction,
        string zone,
        DateTimeOffset instant,
        int limit,
        CancellationToken cancellationToken) =>
        transaction.QueryAsync<ZoneCommand>(
            Inbox, new { zone, all = true, auction = true, at = instant, limit }, cancellationToken);

    /// <summary>The book has orders whose time is over.</summary>
    internal static Task<bool> HasExpiredAsync(
        NpgsqlTransaction transaction, string zone, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<bool>(
            """
            select exists (
                select from orders
                where zone = @zone and status in ('active', 'partially_filled') and expires_at <= @now)
            """,
            new { zone, now },
            cancellationToken);

    /// <summary>The writer changes. The caller holds the zone's lock.</summary>
    internal static Task ClaimAsync(
        NpgsqlTransaction transaction,
        string zone,
        Guid writer,
        BookKind kind,
        DateTimeOffset wallTime,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into market_zones (zone, writer, token, sequence, accepted, ticks, mode, written_at)
            values (@zone, @writer, 1, 0, 0, 0, @mode, @wallTime)
            on conflict (zone) do update
            set writer = excluded.writer, mode = excluded.mode, token = market_zones.token + 1
            """,
            new { zone, writer, mode = kind.Name, wallTime },
            cancellationToken);

    /// <summary>Moves the zone on, if nobody else has.</summary>
    /// <exception cref="FencedException">Somebody else has.</exception>
    internal static async Task MoveAsync(
        NpgsqlTransaction transaction,
        string zone,
        Guid writer,
        long expected,
        ZonePosition next,
        long? hashed,
        CancellationToken cancellationToken)
    {
        var moved = await transaction.ExecuteAsync(
            """
            update market_zones
            set sequence = @Sequence, accepted = @Accepted, ticks = @Ticks, dynamic_price = @DynamicPrice,
                hashed = coalesce(@hashed, hashed),
                written_at = clock_timestamp()
            where zone = @zone and writer = @writer and sequence = @expected
            """,
            new { zone, writer, expected, next.Sequence, next.Accepted, next.Ticks, next.DynamicPrice, hashed },
            cancellationToken);
        if (moved != 1)
        {
            throw new FencedException(zone);
        }
    }

    /// <param name="transaction">The writer's.</param>
    /// <param name="zone">Whose journal.</param>
    /// <param name="lines">In their order.</param>
    /// <param name="stateHash">After the last of them, when it is to be known.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static Task WriteJournalAsync(
        NpgsqlTransaction transaction,
        string zone,
        IReadOnlyList<JournalLine> lines,
        byte[]? stateHash,
        CancellationToken cancellationToken) =>
        lines.Count == 0 ? Task.CompletedTask : transaction.ExecuteAsync(
            """
            insert into market_journal (zone, sequence, operation, order_id, state_hash)
            select @zone, sequence, operation, order_id, case when sequence = @last then @stateHash end
            from unnest(@sequences, @operations, @orders) as line (sequence, operation, order_id)
            """,
            new
            {
                zone,
                sequences = lines.Select(static line => line.Sequence).ToArray(),
                operations = lines.Select(static line => BookBytes.Of(line.Operation)).ToArray(),
                orders = lines.Select(static line => line.Order).ToArray(),
                last = lines[^1].Sequence,
                stateHash,
            },
            cancellationToken);

    internal static async Task WritePlacesAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<(Guid Order, long Place)> placed,
        CancellationToken cancellationToken)
    {
        if (placed.Count > 0)
        {
            _ = await transaction.ExecuteAsync(
                """
                update orders set place = placed.place
                from unnest(@orders, @places) as placed (id, place)
                where orders.id = placed.id
                """,
                new
                {
                    orders = placed.Select(static order => order.Order).ToArray(),
                    places = placed.Select(static order => order.Place).ToArray(),
                },
                cancellationToken);
        }
    }

    /// <summary>The rows that were done, and what waits for an order that has left.</summary>
    internal static Task ClearInboxAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<ZoneCommand> done,
        IReadOnlyCollection<Guid> left,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            delete from market_inbox
            where id = any(@ids) or (kind = 'place' and order_id = any(@left))
            """,
            new { ids = done.Select(static command => command.Id).ToArray(), left = left.ToArray() },
            cancellationToken);

    /// <summary>
    /// The requests that took their orders out of the book are answered with these orders from now on.
    /// </summary>
    internal static async Task AnswerCancellationsAsync(
        NpgsqlTransaction transaction,
        IEnumerable<ZoneCommand> cancelled,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var requests = cancelled.Where(static command => command.Kind == InboxKind.Cancel).ToList();
        if (requests.Count > 0)
        {
            _ = await transaction.ExecuteAsync(
                """
                insert into idempotency_keys (wallet, key, request_hash, order_id, created_at)
                select wallet, key, hash, order_id, @now
                from unnest(@wallets, @keys, @hashes, @orders) as request (wallet, key, hash, order_id)
                on conflict do nothing
                """,
                new
                {
                    wallets = requests.ConvertAll(static request => request.Wallet!.Value.ToArray()).ToArray(),
                    keys = requests.ConvertAll(static request => request.Key!).ToArray(),
                    hashes = requests.ConvertAll(static request => request.RequestHash!).ToArray(),
                    orders = requests.ConvertAll(static request => request.OrderId).ToArray(),
                    now,
                },
                cancellationToken);
        }
    }
}
