using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Which request a wallet's Idempotency-Key was used for, and the order it made or changed.</summary>
internal static class IdempotencyRecords
{
    private sealed record KeyRow(Key32 Wallet, string Key, byte[] RequestHash, Guid OrderId);

    /// <summary>
    /// The order of the first request with this key, as it stands now; a refusal when that request was another one;
    /// null when the key is new.
    /// </summary>
    internal static async Task<OrderOutcome?> FindAsync(
        NpgsqlTransaction transaction, SignedRequest request, CancellationToken cancellationToken)
    {
        var known = await FindAsync(transaction, [request], cancellationToken);
        return known.TryGetValue((request.Caller.Key, request.IdempotencyKey), out var outcome)
            ? outcome
            : default(OrderOutcome?);
    }

    /// <summary>What the requests' keys stand for already, by wallet and key.</summary>
    internal static async Task<Dictionary<(Key32 Wallet, string Key), OrderOutcome>> FindAsync(
        NpgsqlTransaction transaction,
        IReadOnlyCollection<SignedRequest> requests,
        CancellationToken cancellationToken)
    {
        var found = await transaction.QueryAsync<KeyRow>(
            """
            select i.wallet, i.key, k.request_hash, k.order_id
            from unnest(@wallets, @keys) as i (wallet, key)
            join idempotency_keys k on k.wallet = i.wallet and k.key = i.key
            """,
            new
            {
                wallets = requests.Select(static request => request.Caller.Key.ToArray()).ToArray(),
                keys = requests.Select(static request => request.IdempotencyKey).ToArray(),
            },
            cancellationToken);
        Dictionary<(Key32 Wallet, string Key), OrderOutcome> known = [];
        if (found.Count == 0)
        {
            return known;
        }

        var orders = (await OrderQueries.FindAsync(
            transaction, [.. found.Select(static row => row.OrderId)], cancellationToken))
            .ToDictionary(static order => order.Id);
        var rows = found.ToDictionary(static row => (row.Wallet, row.Key));
        foreach (var request in requests)
        {
            if (rows.TryGetValue((request.Caller.Key, request.IdempotencyKey), out var row))
            {
                known[(request.Caller.Key, request.IdempotencyKey)] =
                    row.RequestHash.AsSpan().SequenceEqual(request.Hash)
                        ? orders[row.OrderId]
                        : new Refusal(ProblemCodes.IdempotencyKeyReused);
            }
        }

        return known;
    }

    /// <summary>False when another request with this key was faster.</summary>
    internal static async Task<bool> TryAddAsync(
        NpgsqlTransaction transaction,
        SignedRequest request,
        Guid order,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await transaction.ExecuteAsync(
            """
            insert into idempotency_keys (wallet, key, request_hash, order_id, created_at)
            values (@wallet, @key, @hash, @order, @now)
            on conflict do nothing
            """,
            new { wallet = request.Caller.Key, key = request.IdempotencyKey, hash = request.Hash, order, now },
            cancellationToken) == 1;

    /// <summary>None of them is there: their users are locked.</summary>
    internal static Task AddAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<(SignedRequest Request, Guid Order)> done,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into idempotency_keys (wallet, key, request_hash, order_id, created_at)
            select wallet, key, hash, order_id, @now
            from unnest(@wallets, @keys, @hashes, @orders) as request (wallet, key, hash, order_id)
            """,
            new
            {
                wallets = done.Select(static d => d.Request.Caller.Key.ToArray()).ToArray(),
                keys = done.Select(static d => d.Request.IdempotencyKey).ToArray(),
                hashes = done.Select(static d => d.Request.Hash).ToArray(),
                orders = done.Select(static d => d.Order).ToArray(),
                now,
            },
            cancellationToken);
}
