using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>A verified user, and the zone in which the order is going to stand.</summary>
internal sealed record OrderOwnerRow(Guid Id, string Zone, OrderUser User);

/// <summary>A user, and in which zones he has meters.</summary>
internal sealed record OrderUser
{
    public required Guid Id { get; init; }

    public required Key32 Wallet { get; init; }

    public required Key32 AccessKey { get; init; }

    public required string Name { get; init; }

    public required string Role { get; init; }

    public required bool Verified { get; init; }

    public required bool OnChain { get; init; }

    /// <summary>Of his meters; null when he has none.</summary>
    public required string? Zone { get; init; }

    public required bool MeterOnChain { get; init; }
}

/// <param name="Orders">Pending, active or partially filled.</param>
/// <param name="PendingEnergy">Of orders of which it is not known whether they are on chain.</param>
/// <param name="PendingMoney">Likewise.</param>
internal readonly record struct OpenOrders(long Orders, WattHours PendingEnergy, MicroGrx PendingMoney)
{
    internal OpenOrders Plus(NewOrder order) => order.IsSell
        ? this with { Orders = Orders + 1, PendingEnergy = PendingEnergy + order.Energy }
        : this with { Orders = Orders + 1, PendingMoney = PendingMoney + order.Escrow };
}

internal static class OrderOwners
{
    private sealed record Open(Guid Owner, long Orders, WattHours Energy, MicroGrx Money);

    /// <summary>Who signs with one of the keys, or has it as his wallet: one row for each zone with meters.</summary>
    internal static async Task<ILookup<Key32, OrderUser>> UsersAsync(
        NpgsqlDataSource database, IEnumerable<Key32> keys, CancellationToken cancellationToken)
    {
        var named = keys.Distinct().Select(static key => key.ToArray()).ToArray();
        var users = await database.QueryAsync<OrderUser>(
            """
            select u.id, u.wallet, u.access_key, u.name, u.role, u.verified,
                   u.registered_on_chain_at is not null as on_chain, m.zone,
                   coalesce(bool_or(m.registered_on_chain_at is not null), false) as meter_on_chain
            from users u left join meters m on m.owner_id = u.id
            where u.access_key = any(@named) or u.wallet = any(@named)
            group by u.id, m.zone
            """,
            new { named },
            cancellationToken);
        return users
            .SelectMany(static user => user.Wallet == user.AccessKey
                ? (IEnumerable<(Key32 Key, OrderUser User)>)[(user.Wallet, user)]
                : [(user.Wallet, user), (user.AccessKey, user)])
            .ToLookup(static named => named.Key, static named => named.User);
    }

    /// <summary>
    /// The owner of the wallet, who must be verified and have a meter in the order's zone; without a zone named, in
    /// exactly one. Both have to be registered on chain.
    /// </summary>
    internal static (OrderOwnerRow? Owner, Refusal? Refusal) Find(ILookup<Key32, OrderUser> users, NewOrder order)
    {
        var candidates = users[order.Wallet].Where(user => user.Wallet == order.Wallet).ToList();
        if (candidates.Count == 0)
        {
            return (null, new(ProblemCodes.InvalidWallet, "The wallet is not registered."));
        }

        if (!candidates[0].Verified)
        {
            return (null, new(ProblemCodes.UserNotVerified));
        }

        var zones = candidates.Where(static candidate => candidate.Zone is not null).ToList();
        if (order.Zone is null && zones.Count > 1)
        {
            return (null, new(
                ProblemCodes.UnknownZone, "There are meters in several zones: the order has to name one."));
        }

        var zone = order.Zone is null ? zones.FirstOrDefault() : zones.Find(candidate => candidate.Zone == order.Zone);
        if (zone is null)
        {
            return (null, new(ProblemCodes.UnknownZone, "The owner has no meter there."));
        }

        return zone is { OnChain: true, MeterOnChain: true }
            ? (new OrderOwnerRow(zone.Id, zone.Zone!, zone), null)
            : (null, new(ProblemCodes.NotYetOnChain));
    }

    /// <summary>
    /// One group of new orders of a user at a time: the number of his open orders and the sum of his pending escrows
    /// are exact. In the order that everybody keeps.
    /// </summary>
    internal static Task LockAsync(NpgsqlTransaction transaction, Guid[] users, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "select from users where id = any(@users) order by id for no key update",
            new { users },
            cancellationToken);

    internal static async Task<Dictionary<Guid, OpenOrders>> OpenOrdersAsync(
        NpgsqlTransaction transaction, Guid[] users, CancellationToken cancellationToken)
    {
        var open = await transaction.QueryAsync<Open>(
            """
            select u.id as owner,
                   (select count(*) from orders o
                    where o.owner_id = u.id
                        and (o.status in ('pending', 'active', 'partially_filled') or o.escrow = 'requested'))
                        as orders,
                   coalesce(sum(energy_wh) filter (where side = 'sell'), 0)::bigint as energy,
                   coalesce(sum(div(energy_wh::numeric * limit_price, 1000)) filter (where side = 'buy'), 0)::bigint
                        as money
            from unnest(@users) as u (id)
            left join orders r on r.owner_id = u.id and r.escrow = 'requested'
            group by u.id
            """,
            new { users },
            cancellationToken);
        return open.ToDictionary(
            static row => row.Owner, static row => new OpenOrders(row.Orders, row.Energy, row.Money));
    }

    /// <summary>A number is used once by its owner, whatever has become of the order.</summary>
    internal static async Task<HashSet<(Guid User, long ChainOrderId)>> UsedAsync(
        NpgsqlTransaction transaction,
        IReadOnlyCollection<(Guid User, long ChainOrderId)> numbers,
        CancellationToken cancellationToken) => numbers.Count == 0 ? [] :
        [
            .. await transaction.QueryAsync<(Guid, long)>(
                """
                select owner_id, chain_order_id from orders
                where (owner_id, chain_order_id) in (select * from unnest(@users, @numbers))
                """,
                new
                {
                    users = numbers.Select(static number => number.User).ToArray(),
                    numbers = numbers.Select(static number => number.ChainOrderId).ToArray(),
                },
                cancellationToken),
        ];
}
