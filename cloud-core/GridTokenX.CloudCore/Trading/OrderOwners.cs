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

    internal OpenOrders Less(NewOrder order) => order.IsSell
        ? this with { Orders = Orders - 1, PendingEnergy = PendingEnergy - order.Energy }
        : this with { Orders = Orders - 1, PendingMoney = PendingMoney - order.Escrow };
}

internal static class OrderOwners
{
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
