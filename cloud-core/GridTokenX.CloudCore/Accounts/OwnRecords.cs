using System.Globalization;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>Somebody's record, and where it stands among his others.</summary>
internal sealed record Own<T>(Guid Owner, long Position, T View);

/// <summary>
/// What belongs to users, newest first, so many of each; before a position, unless it is the beginning.
/// </summary>
internal static class OwnRecords
{
    internal static async Task<IReadOnlyList<Own<OrderView>>> OrdersAsync(
        NpgsqlDataSource database, Guid[] users, long before, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync<OrderRow>(
            $"""
            select own.* from unnest(@users) as who (id) cross join lateral (
                {OrderRow.Select}
                where o.owner_id = who.id and o.sequence < @before order by o.sequence desc limit @limit) own
            """,
            new { users, before, limit },
            cancellationToken);
        var views = await OrderProofs.WithProofsAsync(database, rows, cancellationToken);
        return [.. rows.Zip(views, static (row, view) => new Own<OrderView>(row.OwnerId, row.Sequence, view))];
    }

    internal static async Task<IReadOnlyList<Own<SettlementView>>> SettlementsAsync(
        NpgsqlDataSource database, Guid[] users, long before, int limit, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<SettlementRow>(
            """
            select who.id as owner, own.* from unnest(@users) as who (id) cross join lateral (
                select s.id, s.number, s.match_id, o.side = 'sell' as sold, s.epoch, s.zone, s.energy_wh as energy,
                       s.value_ugrx as value, s.fee_ugrx as fee, s.status, s.tx_signature, s.created_at, s.completed_at
                from orders o
                join matches m on m.sell_order = o.id or m.buy_order = o.id
                join settlements s on s.match_id = m.id
                where o.owner_id = who.id and s.number < @before order by s.number desc limit @limit) own
            """,
            new { users, before, limit },
            cancellationToken)).Select(static row =>
                new Own<SettlementView>(row.Owner, row.Number, row.ToView()))];

    internal static async Task<IReadOnlyList<Own<LockView>>> LocksAsync(
        NpgsqlDataSource database, Guid[] users, long before, int limit, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<OwnLockRow>(
            """
            select who.id as owner, own.* from unnest(@users) as who (id) cross join lateral (
                select o.sequence, l.order_id, l.device, l.energy_wh as energy, l.acknowledged_wh as acknowledged,
                       l.delivered_wh as delivered, l.status, l.refusal, l.expires_at
                from orders o join device_locks l on l.order_id = o.id
                where o.owner_id = who.id and o.sequence < @before order by o.sequence desc limit @limit) own
            """,
            new { users, before, limit },
            cancellationToken)).Select(static row => new Own<LockView>(row.Owner, row.Sequence, row.ToView()))];

    /// <summary>The newest of each of their meters.</summary>
    internal static async Task<IReadOnlyList<Own<ReadingView>>> NewestReadingsAsync(
        NpgsqlDataSource database, Guid[] users, int limit, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<ReadingRow>(
            $"""
            select m.owner_id as owner, {ReadingRow.Columns}
            from meters m cross join lateral (
                select * from readings where device = m.device order by sequence desc limit @limit) r
            where m.owner_id = any(@users)
            order by m.owner_id, m.meter_id, r.sequence desc
            """,
            new { users, limit },
            cancellationToken)).Select(static row => new Own<ReadingView>(row.Owner, row.Sequence, row.ToView()))];

    private sealed record SettlementRow
    {
        public required Guid Owner { get; init; }

        public required Guid Id { get; init; }

        public required long Number { get; init; }

        public required Guid MatchId { get; init; }

        public required bool Sold { get; init; }

        public required long Epoch { get; init; }

        public required string Zone { get; init; }

        public required WattHours Energy { get; init; }

        public required MicroGrx Value { get; init; }

        public required MicroGrx Fee { get; init; }

        public required string Status { get; init; }

        public required string? TxSignature { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public required DateTimeOffset? CompletedAt { get; init; }

        internal SettlementView ToView() => new(
            Id,
            Number.ToString(CultureInfo.InvariantCulture),
            MatchId,
            Sold ? "sold" : "bought",
            Epoch,
            Zone,
            Energy.ToKwh(),
            Value.ToGrx(),
            Fee.ToGrx(),
            (Value - Fee).ToGrx(),
            Status,
            TxSignature,
            CreatedAt,
            CompletedAt);
    }

    private sealed record OwnLockRow
    {
        public required Guid Owner { get; init; }

        public required long Sequence { get; init; }

        public required Guid OrderId { get; init; }

        public required Key32 Device { get; init; }

        public required WattHours Energy { get; init; }

        public required WattHours Acknowledged { get; init; }

        public required WattHours Delivered { get; init; }

        public required string Status { get; init; }

        public required string? Refusal { get; init; }

        public required DateTimeOffset ExpiresAt { get; init; }

        internal LockView ToView() => new(
            OrderId,
            Device,
            Energy.ToKwh(),
            Acknowledged.ToKwh(),
            Delivered.ToKwh(),
            Status,
            Refusal,
            ExpiresAt);
    }
}

/// <summary>A reading with its meter, as it stands in the database.</summary>
internal sealed record ReadingRow
{
    /// <summary>Column list for <c>meters m</c>, <c>readings r</c>.</summary>
    internal const string Columns =
        """
        m.meter_id, r.sequence, r.ended_at, r.production_wh as production, r.consumption_wh as consumption,
        r.soc_permille, r.flags, r.interval_s
        """;

    private const int NoBattery = 0xFFFF;

    public Guid Owner { get; init; }

    public required string MeterId { get; init; }

    public required long Sequence { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    public required WattHours Production { get; init; }

    public required WattHours Consumption { get; init; }

    public required int SocPermille { get; init; }

    public required int Flags { get; init; }

    public required long IntervalS { get; init; }

    internal ReadingView ToView() => new(
        MeterId,
        Sequence,
        EndedAt,
        Production.ToKwh(),
        Consumption.ToKwh(),
        SocPermille == NoBattery ? null : SocPermille,
        Flags,
        IntervalS);
}
