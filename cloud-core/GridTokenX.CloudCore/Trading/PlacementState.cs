using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>What the database says about those who ask, as it stands while their rows are locked.</summary>
/// <param name="Users">By the keys they sign with and by their wallets: one entry for each zone with meters.</param>
/// <param name="Open">By user.</param>
/// <param name="Known">What their requests' keys stand for already.</param>
internal sealed record PlacementState(
    ILookup<Key32, OrderUser> Users,
    Dictionary<Guid, OpenOrders> Open,
    IReadOnlyDictionary<(Key32 Wallet, string Key), IReadOnlyList<OrderOutcome>> Known)
{
    // A plan made for a group of one is good for every group, and needs not be made again for each.
    private const string OnePlan = "select set_config('plan_cache_mode', 'force_generic_plan', true)";

    /// <summary>
    /// One group of new orders of a user at a time: the number of his open orders and the sum of his pending escrows
    /// are exact. In the order that everybody keeps.
    /// </summary>
    private const string Lock =
        """
        select id, wallet, access_key, name, role, verified, registered_on_chain_at is not null
        from users where access_key = any($1) or wallet = any($1) order by id for no key update
        """;

    private const string Meters =
        """
        select owner_id, zone, bool_or(registered_on_chain_at is not null)
        from meters where owner_id = any($1) group by owner_id, zone
        """;

    // The product is below 10^18: see MarketTerms.
    private const string OpenOrders =
        """
        select owner_id, count(*),
               coalesce(sum(energy_wh) filter (where escrow = 'requested' and side = 'sell'), 0)::bigint,
               coalesce(sum(energy_wh * limit_price / 1000) filter (where escrow = 'requested' and side = 'buy'), 0)
                   ::bigint
        from orders
        where owner_id = any($1)
          and (status in ('pending', 'active', 'partially_filled') or escrow = 'requested')
        group by owner_id
        """;

    /// <summary>Locks the users who ask, and reads the rest.</summary>
    internal static async Task<PlacementState> ReadAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<PlacementRequest> requests,
        CancellationToken cancellationToken)
    {
        var keys = requests.Select(static request => request.Signed.Caller.Key).Distinct()
            .Select(static key => key.ToArray()).ToArray();
        var users = await LockAsync(transaction, keys, cancellationToken);
        var ids = users.Select(static user => user.Id).ToArray();
        List<OrderUser> zoned = [];
        var signed = requests.Select(static request => request.Signed).ToList();
        var open = ids.ToDictionary(static id => id, static _ => default(OpenOrders));
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands = { With(Meters, ids), With(OpenOrders, ids), IdempotencyRecords.Finding(signed) },
        };
        List<IdempotencyRecords.KeyRow> used;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            var byId = users.ToDictionary(static user => user.Id);
            while (await reader.ReadAsync(cancellationToken))
            {
                var user = byId[reader.GetGuid(0)];
                zoned.Add(user with { Zone = reader.GetString(1), MeterOnChain = reader.GetBoolean(2) });
            }

            _ = await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                open[reader.GetGuid(0)] = new OpenOrders(
                    reader.GetInt64(1), new WattHours(reader.GetInt64(2)), new MicroGrx(reader.GetInt64(3)));
            }

            _ = await reader.NextResultAsync(cancellationToken);
            used = await IdempotencyRecords.ReadAsync(reader, cancellationToken);
        }

        var withMeters = zoned.Select(static user => user.Id).ToHashSet();
        var known = await IdempotencyRecords.KnownAsync(transaction, signed, used, cancellationToken);
        return new PlacementState(
            ByKey(zoned.Concat(users.Where(user => !withMeters.Contains(user.Id)))), open, known);
    }

    private static async Task<List<OrderUser>> LockAsync(
        NpgsqlTransaction transaction, byte[][] keys, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands = { new NpgsqlBatchCommand(OnePlan), With(Lock, keys) },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        _ = await reader.NextResultAsync(cancellationToken);
        List<OrderUser> users = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            users.Add(new OrderUser
            {
                Id = reader.GetGuid(0),
                Wallet = new Key32((byte[])reader.GetValue(1)),
                AccessKey = new Key32((byte[])reader.GetValue(2)),
                Name = reader.GetString(3),
                Role = reader.GetString(4),
                Verified = reader.GetBoolean(5),
                OnChain = reader.GetBoolean(6),
                Zone = null,
                MeterOnChain = false,
            });
        }

        return users;
    }

    private static NpgsqlBatchCommand With<T>(string sql, T argument) =>
        new(sql) { Parameters = { new NpgsqlParameter<T> { TypedValue = argument } } };

    private static ILookup<Key32, OrderUser> ByKey(IEnumerable<OrderUser> users) => users
        .SelectMany(static user => user.Wallet == user.AccessKey
            ? (IEnumerable<(Key32 Key, OrderUser User)>)[(user.Wallet, user)]
            : [(user.Wallet, user), (user.AccessKey, user)])
        .ToLookup(static named => named.Key, static named => named.User);
}
