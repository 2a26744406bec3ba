using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// What other transactions want of live orders goes through here to the zone's writer, who alone changes them. A row
/// is there when the transaction of its cause has committed, and is gone when the writer's has: once, whatever fails.
/// </summary>
internal static class MarketInbox
{
    /// <summary>Listeners hear the zone's name when the transaction commits.</summary>
    internal const string Channel = "gtx_market_inbox";

    /// <summary><c>@kind</c> for the orders <c>@ids</c> of <c>@zones</c>, and their <c>@Channel</c>.</summary>
    internal const string Adding =
        """
        insert into market_inbox (zone, order_id, kind)
        select zone, id, @kind from unnest(@zones, @ids) with ordinality as o (zone, id, position)
        order by position;
        select pg_notify(@Channel, zone) from (select distinct unnest(@zones) as zone) z
        """;

    internal static async Task AddAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<OrderRow> orders,
        string kind,
        CancellationToken cancellationToken)
    {
        if (orders.Count > 0)
        {
            _ = await transaction.ExecuteAsync(
                Adding,
                new
                {
                    kind,
                    zones = orders.Select(static order => order.Zone).ToArray(),
                    ids = orders.Select(static order => order.Id).ToArray(),
                    Channel,
                },
                cancellationToken);
        }
    }

    /// <summary>
    /// The same request again changes nothing; false when its key stands for another request that waits.
    /// </summary>
    internal static async Task<bool> AskForCancellationAsync(
        NpgsqlTransaction transaction, OrderRow order, SignedRequest request, CancellationToken cancellationToken)
    {
        var arguments = new
        {
            order.Zone,
            order.Id,
            wallet = request.Caller.Key,
            key = request.IdempotencyKey,
            hash = request.Hash,
            Channel,
        };
        _ = await transaction.ExecuteAsync(
            """
            insert into market_inbox (zone, order_id, kind, wallet, key, request_hash)
            values (@Zone, @Id, 'cancel', @wallet, @key, @hash)
            on conflict (wallet, key) where kind = 'cancel' do nothing;
            select pg_notify(@Channel, @Zone)
            """,
            arguments,
            cancellationToken);

        // Nothing waits: the writer has been faster than this transaction, and its answer is looked for.
        var waiting = await transaction.FirstOrDefaultAsync<byte[]>(
            "select request_hash from market_inbox where wallet = @wallet and key = @key and kind = 'cancel'",
            arguments,
            cancellationToken);
        return waiting is null || waiting.AsSpan().SequenceEqual(request.Hash);
    }

    /// <summary>The writer has not come to the request yet.</summary>
    internal static Task<bool> HoldsAsync(
        NpgsqlTransaction transaction, SignedRequest request, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<bool>(
            "select exists (select from market_inbox where wallet = @wallet and key = @key and kind = 'cancel')",
            new { wallet = request.Caller.Key, key = request.IdempotencyKey },
            cancellationToken);

    /// <summary>Zones with something to do.</summary>
    internal static Task<IReadOnlyList<string>> ZonesAsync(
        NpgsqlDataSource database, CancellationToken cancellationToken) =>
        database.QueryAsync<string>("select distinct zone from market_inbox order by zone", null, cancellationToken);
}
