using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// What the chain's answer to a deposit means for its order. An order that was cancelled or has expired while its
/// deposit was under way gets all of it back; one that is still wanted may match from now on.
/// </summary>
internal sealed class EscrowEffect(IChainOutbox outbox, TimeProvider marketTime) : IChainEffect
{
    public bool Handles(ChainIntent intent) => intent is DepositEnergy or DepositMoney or RefundEnergy or RefundMoney;

    public async Task ConfirmedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken)
    {
        var deposited = intents.Select(static confirmed => OrderOf(confirmed.Intent)).OfType<Guid>().ToList();
        if (deposited.Count == 0)
        {
            return;
        }

        var now = marketTime.GetUtcNow();
        var orders = (await OrderQueries.LockAsync(transaction, deposited, cancellationToken))
            .Where(static order => order.Escrow == EscrowState.Requested)
            .ToList();
        _ = await HoldAsync(transaction, orders, now, cancellationToken);

        var held = orders.Select(static order => order with { Escrow = EscrowState.Held }).ToList();
        var wanted = held.FindAll(static order => order.Status == OrderStatus.Pending);
        _ = await ActivateAsync(transaction, wanted.FindAll(order => order.ExpiresAt > now), cancellationToken);
        await OrderClosing.CloseAsync(
            transaction,
            outbox,
            wanted.FindAll(order => order.ExpiresAt <= now),
            OrderStatus.Expired,
            now,
            cancellationToken);
        await ReturnAsync(
            transaction, held.FindAll(static order => order.Status != OrderStatus.Pending), cancellationToken);
    }

    /// <summary>A refused deposit is final: nothing was taken. Everything else is tried again.</summary>
    public async Task<bool> RefusedAsync(
        NpgsqlTransaction transaction, ChainIntent intent, string error, CancellationToken cancellationToken)
    {
        if (OrderOf(intent) is not { } order)
        {
            return false;
        }

        _ = await transaction.ExecuteAsync(
            """
            update orders
            set escrow = 'refused',
                status = case when status = 'pending' then 'rejected' else status end,
                closed_at = coalesce(closed_at, greatest(created_at, @now))
            where id = @order and escrow = 'requested'
            """,
            new { order, now = marketTime.GetUtcNow() },
            cancellationToken);
        return true;
    }

    /// <summary>
    /// The order keeps waiting: the row may be sent again by hand, and then it is confirmed or refused as any other.
    /// </summary>
    public Task ParkedAsync(NpgsqlTransaction transaction, ChainIntent intent, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    private static Guid? OrderOf(ChainIntent intent) => intent switch
    {
        DepositEnergy deposit => deposit.Order,
        DepositMoney deposit => deposit.Order,
        _ => null,
    };

    private static Task<int> HoldAsync(
        NpgsqlTransaction transaction,
        List<OrderRow> orders,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update orders set escrow = 'held', escrowed_at = greatest(created_at, @now) where id = any(@ids)",
            new { now, ids = Ids(orders) },
            cancellationToken);

    private static Task<int> ActivateAsync(
        NpgsqlTransaction transaction, List<OrderRow> orders, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update orders set status = 'active' where id = any(@ids)", new { ids = Ids(orders) }, cancellationToken);

    private async Task ReturnAsync(
        NpgsqlTransaction transaction, List<OrderRow> orders, CancellationToken cancellationToken)
    {
        _ = await transaction.ExecuteAsync(
            "update orders set escrow = 'closed' where id = any(@ids)", new { ids = Ids(orders) }, cancellationToken);
        await OrderClosing.RefundAsync(transaction, outbox, orders, cancellationToken);
    }

    private static Guid[] Ids(List<OrderRow> orders) => [.. orders.Select(static order => order.Id)];
}
