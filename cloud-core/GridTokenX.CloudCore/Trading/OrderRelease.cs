using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Gives back, once, what an order that has ended still has in escrow: as soon as the chain has decided about all its
/// matches, for until then they are settled out of it.
/// </summary>
internal static class OrderRelease
{
    private sealed record Row(Guid Id, Key32 Wallet, Key32 RentPayer, string Side, long ChainOrderId);

    /// <summary>Of orders whose rows the caller has locked, those that are due.</summary>
    internal static async Task ReleaseAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        IReadOnlyCollection<Guid> orders,
        CancellationToken cancellationToken)
    {
        var due = await transaction.QueryAsync<Row>(
            """
            update orders o set escrow = 'releasing'
            from users u
            where o.id = any(@ids) and u.id = o.owner_id and o.escrow = 'held'
              and o.status not in ('pending', 'active', 'partially_filled')
              and o.filled_wh = o.settled_wh + o.failed_wh and o.settled_wh < o.energy_wh
            returning o.id, u.wallet, o.rent_payer, o.side, o.chain_order_id
            """,
            new { ids = orders.ToArray() },
            cancellationToken);
        if (due.Count > 0)
        {
            await outbox.EnqueueAsync(transaction, [.. due.Select(ToIntent)], cancellationToken);
        }
    }

    private static ChainIntent ToIntent(Row row) => new ReleaseOrder(
        IntentKinds.IdOf("release", row.Id.ToString()),
        row.Id,
        row.Wallet,
        row.RentPayer,
        row.Side,
        (ulong)row.ChainOrderId);
}
