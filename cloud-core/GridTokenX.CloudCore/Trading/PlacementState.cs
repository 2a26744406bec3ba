using GridTokenX.CloudCore.Storage;
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
    private const string Plans = $"select {LookupPlans.Settings}";

    /// <summary>
    /// One group of new orders of a user at a time: the number of his open orders and the sum of his pending escrows
    /// are exact. In the order that everybody keeps.
    /// </summary>
    private const string Lock =
        """
        select id, wallet, access_key, name, role, verified, registered_on_chain_at is not null
        from users where access_key = any($1) or wallet = any($1) order by id for no key update
        """;

    // Those whose keys are remembered, and those who are looked for: only the lock's answer would tell their ids.
    private const string Asking = "$1 || array(select id from users where access_key = any($2) or wallet = any($2))";

    private const string Meters =
        $"""
        select owner_id, zone, bool_or(registered_on_chain_at is not null)
        from meters where owner_id = any({Asking}) group by owner_id, zone
        """;

    // The product is below 10^18: see MarketTerms.
    private const string OpenOrders =
        $"""
        select owner_id, count(*),
               coalesce(sum(energy_wh) filter (where escrow = 'requested' and side = 'sell'), 0)::bigint,
               coalesce(sum(energy_wh * limit_price / 1000) filter (where escrow = 'requested' and side = 'buy'), 0)
                   ::bigint
        from orders
        where owner_id = any({Asking})
          and (status in ('pending', 'active', 'partially_filled') or escrow = 'requested')
        group by owner_id
        """;

    /// <summary>
    /// Locks the users who ask, and reads the rest as it is then, in one trip to the server. Whom a key locked the last
    /// time is remembered: to find him again costs as much as his orders. Should it be somebody else now, all is read
    /// once more.
    /// </summary>
    internal static async Task<PlacementState> ReadAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<PlacementRequest> requests,
        Remembered<Key32, Guid[]> remembered,
        CancellationToken cancellationToken)
    {
        var keys = requests.Select(static request => request.Signed.Caller.Key).Distinct().ToList();
        List<Guid> ids = [];
        List<Key32> sought = [];
        foreach (var key in keys)
        {
            if (remembered.TryGet(key, out var known))
            {
                ids.AddRange(known);
            }
            else
            {
                sought.Add(key);
            }
        }

        var state = await ReadAsync(transaction, requests, keys, ids, sought, cancellationToken)
            ?? (await ReadAsync(transaction, requests, keys, [], keys, cancellationToken))!;
        foreach (var key in keys)
        {
            Guid[] found = [.. state.Users[key].Select(static user => user.Id).Distinct()];
            if (found.Length > 0 && !(remembered.TryGet(key, out var known) && known.AsSpan().SequenceEqual(found)))
            {
                remembered.Set(key, found);
            }
        }

        return state;
    }

    /// <summary>Null when a user has been locked who is neither among the ids nor sought.</summary>
    private static async Task<PlacementState?> ReadAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<PlacementRequest> requests,
        List<Key32> keys,
        List<Guid> ids,
        List<Key32> sought,
        CancellationToken cancellationToken)
    {
        var signed = requests.Select(static request => request.Signed).ToList();
        var (named, looked) = (ids.ToArray(), sought.ConvertAll(static key => key.ToArray()).ToArray());
        List<OrderUser> users;
        List<OrderUser> zoned;
        Dictionary<Guid, OpenOrders> open;
        List<IdempotencyRecords.KeyRow> used;
        await using (var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(Plans),
                With(Lock, keys.ConvertAll(static key => key.ToArray()).ToArray()),
                With(Meters, named, looked),
                With(OpenOrders, named, looked),
                IdempotencyRecords.Finding(signed),
            },
        })
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            _ = await reader.NextResultAsync(cancellationToken);
            users = await UsersAsync(reader, cancellationToken);
            if (!AreAmong(users, ids, sought))
            {
                return null;
            }

            _ = await reader.NextResultAsync(cancellationToken);
            zoned = await ZonedAsync(reader, users, cancellationToken);
            _ = await reader.NextResultAsync(cancellationToken);
            open = await OpenAsync(reader, users, cancellationToken);
            _ = await reader.NextResultAsync(cancellationToken);
            used = await IdempotencyRecords.ReadAsync(reader, cancellationToken);
        }

        var withMeters = zoned.Select(static user => user.Id).ToHashSet();
        var known = await IdempotencyRecords.KnownAsync(transaction, signed, used, cancellationToken);
        return new PlacementState(
            ByKey(zoned.Concat(users.Where(user => !withMeters.Contains(user.Id)))), open, known);
    }

    private static bool AreAmong(List<OrderUser> users, List<Guid> ids, List<Key32> sought)
    {
        var named = ids.ToHashSet();
        var looked = sought.ToHashSet();
        return users.TrueForAll(user =>
            named.Contains(user.Id) || looked.Contains(user.AccessKey) || looked.Contains(user.Wallet));
    }

    private static async Task<List<OrderUser>> UsersAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
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

    /// <summary>Who came after the lock is not among the users, and is passed over.</summary>
    private static async Task<List<OrderUser>> ZonedAsync(
        NpgsqlDataReader reader, List<OrderUser> users, CancellationToken cancellationToken)
    {
        var byId = users.ToDictionary(static user => user.Id);
        List<OrderUser> zoned = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (byId.TryGetValue(reader.GetGuid(0), out var user))
            {
                zoned.Add(user with { Zone = reader.GetString(1), MeterOnChain = reader.GetBoolean(2) });
            }
        }

        return zoned;
    }

    private static async Task<Dictionary<Guid, OpenOrders>> OpenAsync(
        NpgsqlDataReader reader, List<OrderUser> users, CancellationToken cancellationToken)
    {
        var open = users.ToDictionary(static user => user.Id, static _ => default(OpenOrders));
        while (await reader.ReadAsync(cancellationToken))
        {
            open[reader.GetGuid(0)] = new OpenOrders(
                reader.GetInt64(1), new WattHours(reader.GetInt64(2)), new MicroGrx(reader.GetInt64(3)));
        }

        return open;
    }

    private static NpgsqlBatchCommand With<T>(string sql, T argument) =>
        new(sql) { Parameters = { new NpgsqlParameter<T> { TypedValue = argument } } };

    private static NpgsqlBatchCommand With(string sql, Guid[] ids, byte[][] sought) => new(sql)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid[]> { TypedValue = ids },
            new NpgsqlParameter<byte[][]> { TypedValue = sought },
        },
    };

    private static ILookup<Key32, OrderUser> ByKey(IEnumerable<OrderUser> users) => users
        .SelectMany(static user => user.Wallet == user.AccessKey
            ? (IEnumerable<(Key32 Key, OrderUser User)>)[(user.Wallet, user)]
            : [(user.Wallet, user), (user.AccessKey, user)])
        .ToLookup(static named => named.Key, static named => named.User);
}
