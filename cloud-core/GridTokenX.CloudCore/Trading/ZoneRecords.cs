using Dapper;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;
using Npgsql;
using BookOrder = GridTokenX.Market.Matching.NewOrder;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Another process has written to the zone meanwhile: what this one knows of it is worth nothing.</summary>
public sealed class FencedException(string zone) : Exception($"Zone {zone} has another writer now.");

/// <summary>A zone that is moved on.</summary>
/// <param name="Zone">Which.</param>
/// <param name="Writer">Who moves it.</param>
/// <param name="Expected">The journal's last line, as the writer knows it.</param>
/// <param name="Next">Where it is afterwards.</param>
/// <param name="Hashed">The line of the newest state hash; null when it stays as it is.</param>
internal sealed record ZoneMove(string Zone, Guid Writer, long Expected, ZonePosition Next, long? Hashed);

/// <summary>What a zone's row says.</summary>
internal record ZoneState
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

    private const string Moving =
        $"""
        update market_zones
        set sequence = @Sequence, accepted = @Accepted, ticks = @Ticks, dynamic_price = @DynamicPrice,
            hashed = coalesce(@Hashed, hashed),
            written_at = clock_timestamp()
        where zone = @Zone and writer = @Writer and sequence = @Expected
        returning true;
        {OrderQueries.Locking};

        """;

    private const string MovingInEpoch = Moving + MatchRecords.OpeningEpoch;

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
            select set_config('idle_in_transaction_session_timeout', @milliseconds, true), {LookupPlans.Settings};
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
        _ = await results.ReadFirstAsync<string>();
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

    /// <summary>
    /// Moves the zone on, if nobody else has; then locks rows of orders, in the order that everybody keeps, and opens
    /// an epoch, when one is named (<see cref="MatchRecords"/>). All in one trip to the server.
    /// </summary>
    /// <exception cref="FencedException">Somebody else has.</exception>
    internal static async Task<(IReadOnlyList<OrderRow> Orders, bool IsEpochOpen)> MoveAsync(
        NpgsqlTransaction transaction,
        ZoneMove move,
        IReadOnlyCollection<Guid> orders,
        MarketEpoch? epoch,
        CancellationToken cancellationToken)
    {
        await using var results = await transaction.Connection!.QueryMultipleAsync(new CommandDefinition(
            epoch is null ? Moving : MovingInEpoch,
            new
            {
                move.Zone,
                move.Writer,
                move.Expected,
                move.Next.Sequence,
                move.Next.Accepted,
                move.Next.Ticks,
                move.Next.DynamicPrice,
                move.Hashed,
                ids = orders.ToArray(),
                number = epoch?.Number,
                starts = epoch?.Start,
                ends = epoch?.End,
            },
            transaction,
            cancellationToken: cancellationToken));
        if (!await results.ReadFirstOrDefaultAsync<bool>())
        {
            throw new FencedException(move.Zone);
        }

        var rows = (await results.ReadAsync<OrderRow>()).AsList();
        return (rows, epoch is null || MatchRecords.IsOpen(await results.ReadFirstOrDefaultAsync<string>()));
    }

    /// <summary>The same without an answer: when somebody else has moved it, the writes fail.</summary>
    internal static void AddMove(PendingWrites writes, ZoneMove move) => writes.Add(
        """
        with moved as (
            update market_zones
            set sequence = $1, accepted = $2, ticks = $3, dynamic_price = $4, hashed = coalesce($5, hashed),
                written_at = clock_timestamp()
            where zone = $6 and writer = $7 and sequence = $8
            returning 1)
        select require(exists (select from moved), 'zone ' || $6 || ' stands where its writer left it')
        """,
        PendingWrites.Value(move.Next.Sequence),
        PendingWrites.Value(move.Next.Accepted),
        PendingWrites.Value(move.Next.Ticks),
        PendingWrites.Value(move.Next.DynamicPrice),
        PendingWrites.Value(move.Hashed),
        PendingWrites.Value(move.Zone),
        PendingWrites.Value(move.Writer),
        PendingWrites.Value(move.Expected));

    /// <param name="writes">The writer's.</param>
    /// <param name="zone">Whose journal.</param>
    /// <param name="lines">In their order.</param>
    /// <param name="stateHash">After the last of them, when it is to be known.</param>
    internal static void AddJournal(
        PendingWrites writes, string zone, IReadOnlyList<JournalLine> lines, byte[]? stateHash)
    {
        if (lines.Count == 0)
        {
            return;
        }

        byte[]?[] hashes = [.. lines.Select((_, i) => i == lines.Count - 1 ? stateHash : null)];
        writes.Add(
            """
            insert into market_journal (zone, sequence, operation, order_id, state_hash)
            select $1, * from unnest($2, $3, $4, $5)
            """,
            PendingWrites.Value(zone),
            PendingWrites.Column(lines, static line => line.Sequence),
            PendingWrites.Column(lines, static line => BookBytes.Of(line.Operation)),
            PendingWrites.Column(lines, static line => line.Order),
            PendingWrites.Value(hashes));
    }

    /// <summary>The rows that were done, and what waits for an order that has left.</summary>
    internal static void AddClearing(
        PendingWrites writes, IReadOnlyList<ZoneCommand> done, IReadOnlyCollection<Guid> left)
    {
        long[] rows = [.. done.Select(static command => command.Id).Where(static id => id > 0)];
        if (rows.Length > 0)
        {
            writes.Add("delete from market_inbox where id = any($1)", PendingWrites.Value(rows));
        }

        if (left.Count > 0)
        {
            writes.Add(
                "delete from market_inbox where kind = 'place' and order_id = any($1)",
                PendingWrites.Value(left.ToArray()));
        }
    }

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
