using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Which request a wallet's Idempotency-Key was used for, and the order it made or changed.</summary>
internal static class IdempotencyRecords
{
    private sealed record Row(byte[] RequestHash, Guid OrderId);

    /// <summary>
    /// The order of the first request with this key, as it stands now; a refusal when that request was another one;
    /// null when the key is new.
    /// </summary>
    internal static async Task<OrderOutcome?> FindAsync(
        NpgsqlTransaction transaction, SignedRequest request, CancellationToken cancellationToken)
    {
        var row = await transaction.FirstOrDefaultAsync<Row>(
            "select request_hash, order_id from idempotency_keys where wallet = @wallet and key = @key",
            new { wallet = request.Caller.Key, key = request.IdempotencyKey },
            cancellationToken);
        if (row is null)
        {
            return null;
        }

        if (!row.RequestHash.AsSpan().SequenceEqual(request.Hash))
        {
            return new Refusal(ProblemCodes.IdempotencyKeyReused);
        }

        return (await OrderQueries.FindAsync(transaction, row.OrderId, cancellationToken))!;
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
}
