using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>What the chain has seen of orders beside their trades: the escrow, and the return of its rest.</summary>
internal static class OrderProofs
{
    private sealed record Row
    {
        public required Guid Id { get; init; }

        public required string Kind { get; init; }

        public required string Signature { get; init; }

        public required DateTimeOffset At { get; init; }
    }

    /// <summary>The orders as their owner sees them.</summary>
    internal static async Task<IReadOnlyList<OrderView>> WithProofsAsync(
        NpgsqlDataSource database, IReadOnlyList<OrderRow> orders, CancellationToken cancellationToken)
    {
        if (orders.Count == 0)
        {
            return [];
        }

        // The newest event of each kind: an owner may reuse the number of an order that is closed.
        var rows = await database.QueryAsync<Row>(
            """
            select o.id, seen.kind, seen.signature, seen.at
            from unnest(@ids, @wallets, @numbers) as o (id, wallet, number)
            cross join lateral (
                (select kind, signature, to_timestamp((event->>'timestamp')::bigint) as at, slot from chain_events
                 where kind = 'order_created' and event->>'owner' = o.wallet and event->>'order_id' = o.number
                 order by slot desc limit 1)
                union all
                (select kind, signature, to_timestamp((event->>'timestamp')::bigint), slot from chain_events
                 where kind = 'order_cancelled' and event->>'owner' = o.wallet and event->>'order_id' = o.number
                 order by slot desc limit 1)) seen
            order by seen.slot
            """,
            new
            {
                ids = orders.Select(static order => order.Id).ToArray(),
                wallets = orders.Select(static order => order.Wallet.ToString()).ToArray(),
                numbers = orders.Select(static order => order.ChainNumber).ToArray(),
            },
            cancellationToken);
        var proofs = rows.ToLookup(
            static row => row.Id,
            static row => new OrderProof(row.Kind == "order_created" ? "escrowed" : "closed", row.Signature, row.At));
        return [.. orders.Select(order => order.ToView() with
        {
            Proofs = proofs.Contains(order.Id) ? [.. proofs[order.Id]] : null,
        })];
    }
}
