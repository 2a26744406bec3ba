using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>A user's trades, newest first.</summary>
internal sealed class TradeHistoryQuery(NpgsqlDataSource database)
{
    private sealed record Row
    {
        public required Guid Id { get; init; }

        public required long Sequence { get; init; }

        public required bool Sold { get; init; }

        public required Key32 Wallet { get; init; }

        public required string Name { get; init; }

        public required string Role { get; init; }

        public required WattHours Energy { get; init; }

        public required PricePerKwh Price { get; init; }

        public required MicroGrx Value { get; init; }

        public required MicroGrx? Fee { get; init; }

        /// <summary>The market's when the seller placed the order.</summary>
        public required int FeeBasisPoints { get; init; }

        public required string? Settlement { get; init; }

        public required string TxSignature { get; init; }

        public required DateTimeOffset MatchedAt { get; init; }
    }

    /// <param name="user">Whose.</param>
    /// <param name="before">The cursor: only trades before this sequence.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task<TradeHistory> ReadAsync(Guid user, long before, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync<Row>(
            """
            select m.id, m.sequence, m.energy_wh as energy, m.price, m.value_ugrx as value, m.tx_signature,
                   m.matched_at,
                   s.fee_ugrx as fee, ask.fee_bps as fee_basis_points, s.status as settlement, own.sold,
                   u.wallet, u.name, u.role
            from (
                select m.sequence, o.side = 'sell' as sold
                from orders o join matches m on m.sell_order = o.id or m.buy_order = o.id
                where o.owner_id = @user and m.sequence < @before
                order by m.sequence desc
                limit @limit) own
            join matches m on m.sequence = own.sequence
            join orders ask on ask.id = m.sell_order
            join orders bid on bid.id = m.buy_order
            join users u on u.id = case when own.sold then bid.owner_id else ask.owner_id end
            left join settlements s on s.match_id = m.id
            order by own.sequence desc
            """,
            new { user, before, limit = limit + 1 },
            cancellationToken);
        var page = rows.Take(limit).ToList();
        var next = rows.Count > limit ? Cursor.Of("history", page[^1].Sequence) : null;
        return new TradeHistory(page.ConvertAll(View), next);
    }

    private TradeView View(Row row) => new(
        row.Id,
        row.Sold ? "sold" : "bought",
        new OrderOwner(row.Wallet, row.Name, row.Role),
        row.Energy.ToKwh(),
        row.Price.ToGrx(),
        row.Value.ToGrx(),
        (row.Fee ?? row.Value.Fee(row.FeeBasisPoints)).ToGrx(),
        row.Settlement switch { null => "matched", "pending" => "clearing", "completed" => "settled", _ => "failed" },
        row.TxSignature,
        row.MatchedAt);
}
