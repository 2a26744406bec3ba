using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Which request a wallet's Idempotency-Key was used for, and the orders it made or changed.</summary>
internal static class IdempotencyRecords
{
    internal sealed record KeyRow(Key32 Wallet, string Key, byte[] RequestHash, Guid OrderId, string? Results);

    /// <summary>
    /// The order of the first request with this key, as it stands now; a refusal when that request was another one;
    /// null when the key is new.
    /// </summary>
    internal static async Task<OrderOutcome?> FindAsync(
        NpgsqlTransaction transaction, SignedRequest request, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands = { Finding([request]) },
        };
        List<KeyRow> found;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            found = await ReadAsync(reader, cancellationToken);
        }

        var known = await KnownAsync(transaction, [request], found, cancellationToken);
        return known.TryGetValue(request.Name, out var outcomes) ? outcomes[0] : default(OrderOutcome?);
    }

    /// <summary>The requests' keys that are used already; <see cref="ReadAsync"/> reads what it finds.</summary>
    internal static NpgsqlBatchCommand Finding(IReadOnlyList<SignedRequest> requests) => new(
        """
        select i.wallet, i.key, k.request_hash, k.order_id, k.results::text
        from unnest($1, $2) as i (wallet, key)
        join idempotency_keys k on k.wallet = i.wallet and k.key = i.key
        """)
    {
        Parameters =
        {
            Column(requests, static request => request.Caller.Key.ToArray()),
            Column(requests, static request => request.IdempotencyKey),
        },
    };

    internal static async Task<List<KeyRow>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        List<KeyRow> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new KeyRow(
                new Key32((byte[])reader.GetValue(0)),
                reader.GetString(1),
                (byte[])reader.GetValue(2),
                reader.GetGuid(3),
                await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetString(4)));
        }

        return found;
    }

    /// <summary>What the requests' keys stand for already, by wallet and key: a result for each order.</summary>
    internal static async Task<Dictionary<(Key32 Wallet, string Key), IReadOnlyList<OrderOutcome>>> KnownAsync(
        NpgsqlTransaction transaction,
        IReadOnlyCollection<SignedRequest> requests,
        IReadOnlyList<KeyRow> found,
        CancellationToken cancellationToken)
    {
        Dictionary<(Key32 Wallet, string Key), IReadOnlyList<OrderOutcome>> known = [];
        if (found.Count == 0)
        {
            return known;
        }

        var results = found.ToDictionary(
            static row => (row.Wallet, row.Key), static row => (row.RequestHash, Results: ResultsOf(row)));
        var named = results.Values.SelectMany(static row => row.Results).Select(static r => r.Order).OfType<Guid>();
        var orders = (await OrderQueries.FindAsync(transaction, [.. named.Distinct()], cancellationToken))
            .ToDictionary(static order => order.Id);
        foreach (var request in requests)
        {
            if (results.TryGetValue(request.Name, out var row))
            {
                known[request.Name] = row.RequestHash.AsSpan().SequenceEqual(request.Hash)
                    ? [.. row.Results.Select(result => ToOutcome(result, orders))]
                    : [new Refusal(ProblemCodes.IdempotencyKeyReused)];
            }
        }

        return known;
    }

    private static string ToJson(IEnumerable<OrderOutcome> outcomes) => JsonSerializer.Serialize(
        outcomes.Select(static outcome => new KeptResult(outcome.Order?.Id, outcome.Refusal?.Code)).ToArray(),
        KeptResultJson.Default.KeptResultArray);

    private static KeptResult[] ResultsOf(KeyRow row) => row.Results is { } results
        ? JsonSerializer.Deserialize(results, KeptResultJson.Default.KeptResultArray)!
        : [new KeptResult(row.OrderId, null)];

    private static OrderOutcome ToOutcome(KeptResult result, Dictionary<Guid, OrderRow> orders) =>
        result.Order is { } order ? orders[order] : new Refusal(result.Code!);

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

    /// <summary>Writes what became of requests; none of them is there: their users are locked.</summary>
    internal static NpgsqlBatchCommand Adding(
        IReadOnlyList<(SignedRequest Signed, bool IsBatch, OrderOutcome[] Outcomes)> requests, DateTimeOffset now) =>
        new(
            """
            insert into idempotency_keys (wallet, key, request_hash, order_id, results, created_at)
            select wallet, key, hash, order_id, results::jsonb, $6
            from unnest($1, $2, $3, $4, $5) as request (wallet, key, hash, order_id, results)
            """)
        {
            Parameters =
            {
                Column(requests, static request => request.Signed.Caller.Key.ToArray()),
                Column(requests, static request => request.Signed.IdempotencyKey),
                Column(requests, static request => request.Signed.Hash),
                Column(requests, static request => FirstOf(request.Outcomes)),
                Column(requests, static request => request.IsBatch ? ToJson(request.Outcomes) : null),
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
            },
        };

    private static Guid FirstOf(OrderOutcome[] outcomes) =>
        outcomes.First(static outcome => outcome.Order is not null).Order!.Id;

    private static NpgsqlParameter<TValue[]> Column<TRow, TValue>(
        IReadOnlyList<TRow> rows, Func<TRow, TValue> value) => new() { TypedValue = [.. rows.Select(value)] };
}

/// <summary>What is kept of a batch's order: that it was taken, or why not.</summary>
internal sealed record KeptResult(Guid? Order, string? Code);

[JsonSerializable(typeof(KeptResult[]))]
internal sealed partial class KeptResultJson : JsonSerializerContext;
