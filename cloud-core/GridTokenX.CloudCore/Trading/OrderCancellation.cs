using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Cancels an open order of the caller. A pending one is cancelled at once, and its escrow goes back when it arrives.
/// </summary>
internal sealed class OrderCancellation(NpgsqlDataSource database, IChainOutbox outbox, TimeProvider marketTime)
{
    internal async Task<OrderOutcome> CancelAsync(Guid order, SignedRequest signed, CancellationToken cancellationToken)
    {
        var outcome = await database.TransactAsync(
            unit => CancelAsync(unit.Transaction, order, signed, cancellationToken), cancellationToken);
        outbox.Wake();
        return outcome;
    }

    private async Task<OrderOutcome> CancelAsync(
        NpgsqlTransaction transaction, Guid id, SignedRequest signed, CancellationToken cancellationToken)
    {
        var locked = await OrderQueries.LockAsync(transaction, [id], cancellationToken);
        if (await IdempotencyRecords.FindAsync(transaction, signed, cancellationToken) is { } known)
        {
            return known;
        }

        if (locked is not [var order])
        {
            return new Refusal(ProblemCodes.UnknownOrder);
        }

        if (order.AccessKey != signed.Caller.Key)
        {
            return new Refusal(ProblemCodes.Forbidden, "The order is somebody else's.");
        }

        if (!OrderStatus.IsOpen(order.Status))
        {
            return new Refusal(ProblemCodes.OrderNotActive, $"The order is {order.Status}.");
        }

        var now = marketTime.GetUtcNow();
        if (!await IdempotencyRecords.TryAddAsync(transaction, signed, id, now, cancellationToken))
        {
            return (await IdempotencyRecords.FindAsync(transaction, signed, cancellationToken))!.Value;
        }

        await OrderClosing.CloseAsync(transaction, outbox, [order], OrderStatus.Cancelled, now, cancellationToken);
        return (await OrderQueries.FindAsync(transaction, id, cancellationToken))!;
    }
}
