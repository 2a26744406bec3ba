using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>A verified user, and the zone in which the order is going to stand.</summary>
internal sealed record OrderOwnerRow(Guid Id, string Zone);

/// <param name="Orders">Pending, active or partially filled.</param>
/// <param name="PendingEnergy">Of orders of which it is not known whether they are on chain.</param>
/// <param name="PendingMoney">Likewise.</param>
internal readonly record struct OpenOrders(long Orders, WattHours PendingEnergy, MicroGrx PendingMoney);

internal static class OrderOwners
{
    private sealed record Candidate(Guid Id, bool Verified, bool OnChain, string? Zone, bool MeterOnChain);

    /// <summary>
    /// The owner of the wallet, who must be verified and have a meter in the order's zone; without a zone named, in
    /// exactly one. Both have to be registered on chain.
    /// </summary>
    internal static async Task<(OrderOwnerRow? Owner, Refusal? Refusal)> FindAsync(
        NpgsqlDataSource database, NewOrder order, CancellationToken cancellationToken)
    {
        var candidates = await database.QueryAsync<Candidate>(
            """
            select u.id, u.verified, u.registered_on_chain_at is not null as on_chain, m.zone,
                   coalesce(bool_or(m.registered_on_chain_at is not null), false) as meter_on_chain
            from users u left join meters m on m.owner_id = u.id
            where u.wallet = @wallet
            group by u.id, m.zone
            """,
            new { wallet = order.Wallet },
            cancellationToken);
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
            ? (new OrderOwnerRow(zone.Id, zone.Zone!), null)
            : (null, new(ProblemCodes.NotYetOnChain));
    }

    internal static Task LockAsync(NpgsqlTransaction transaction, Guid user, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "select from users where id = @user for no key update", new { user }, cancellationToken);

    internal static async Task<OpenOrders> OpenOrdersAsync(
        NpgsqlTransaction transaction, Guid user, CancellationToken cancellationToken)
    {
        var (orders, energy, money) = await transaction.FirstOrDefaultAsync<(long, long, long)>(
            """
            select (select count(*) from orders
                    where owner_id = @user
                        and (status in ('pending', 'active', 'partially_filled') or escrow = 'requested')),
                   coalesce(sum(energy_wh) filter (where side = 'sell'), 0)::bigint,
                   coalesce(sum(div(energy_wh::numeric * limit_price, 1000)) filter (where side = 'buy'), 0)::bigint
            from orders where owner_id = @user and escrow = 'requested'
            """,
            new { user },
            cancellationToken);
        return new OpenOrders(orders, new WattHours(energy), new MicroGrx(money));
    }

    /// <summary>A number is used once by its owner, whatever has become of the order.</summary>
    internal static async Task<bool> HasUsedAsync(
        NpgsqlTransaction transaction, Guid user, long chainOrderId, CancellationToken cancellationToken) =>
        await transaction.FirstOrDefaultAsync<bool>(
            "select exists (select from orders where owner_id = @user and chain_order_id = @chainOrderId)",
            new { user, chainOrderId },
            cancellationToken);
}
