using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>
/// Cancels an open order of the caller. A pending one is cancelled at once, and its escrow goes back when it arrives; a
/// live one is cancelled by the writer of its zone, who decides whether a match was faster.
/// </summary>
internal sealed class OrderCancellation(
    NpgsqlDataSource database, IChainOutbox outbox, ZoneMarkets markets, TimeProvider marketTime, WallTime wall)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private sealed record Answer(OrderOutcome? Outcome, string? Zone);

    internal async Task<OrderOutcome> CancelAsync(Guid order, SignedRequest signed, CancellationToken cancellationToken)
    {
        var answer = await database.TransactAsync(
            unit => AskAsync(unit.Transaction, order, signed, cancellationToken), cancellationToken);
        if (answer.Outcome is { } outcome)
        {
            outbox.Wake();
            return outcome;
        }

        var giveUpAt = wall.UtcNow + Patience;
        while (true)
        {
            _ = await markets.RunAsync(answer.Zone!, ZoneScope.Leaving, cancellationToken);
            var decided = await database.TransactAsync(
                unit => DecidedAsync(unit.Transaction, order, signed, cancellationToken), cancellationToken);
            if (decided is { } final)
            {
                return final;
            }

            if (wall.UtcNow >= giveUpAt)
            {
                return new Refusal(
                    ProblemCodes.MarketBusy, "The cancellation is kept; the same request again asks for its outcome.");
            }

            await wall.DelayAsync(LookInterval, cancellationToken);
        }
    }

    /// <summary>Without an outcome the request is in the inbox of the order's zone.</summary>
    private async Task<Answer> AskAsync(
        NpgsqlTransaction transaction, Guid id, SignedRequest signed, CancellationToken cancellationToken)
    {
        var locked = await OrderQueries.LockAsync(transaction, [id], cancellationToken);
        if (await IdempotencyRecords.FindAsync(transaction, signed, cancellationToken) is { } known)
        {
            return new(known, null);
        }

        if (locked is not [var order])
        {
            return new(new Refusal(ProblemCodes.UnknownOrder), null);
        }

        if (order.AccessKey != signed.Caller.Key)
        {
            return new(new Refusal(ProblemCodes.Forbidden, "The order is somebody else's."), null);
        }

        if (OrderStatus.IsLive(order.Status))
        {
            return await MarketInbox.AskForCancellationAsync(transaction, order, signed, cancellationToken)
                ? new(null, order.Zone)
                : new(new Refusal(ProblemCodes.IdempotencyKeyReused), null);
        }

        if (order.Status != OrderStatus.Pending)
        {
            return new(new Refusal(ProblemCodes.OrderNotActive, $"The order is {order.Status}."), null);
        }

        var now = marketTime.GetUtcNow();
        if (!await IdempotencyRecords.TryAddAsync(transaction, signed, id, now, cancellationToken))
        {
            return new((await IdempotencyRecords.FindAsync(transaction, signed, cancellationToken))!.Value, null);
        }

        await OrderClosing.CloseAsync(transaction, outbox, [order], OrderStatus.Cancelled, now, cancellationToken);
        return new((await OrderQueries.FindAsync(transaction, id, cancellationToken))!, null);
    }

    /// <summary>Null while the writer has not come to it.</summary>
    private static async Task<OrderOutcome?> DecidedAsync(
        NpgsqlTransaction transaction, Guid id, SignedRequest signed, CancellationToken cancellationToken)
    {
        // In this order: the row goes with the commit that writes the key.
        var waits = await MarketInbox.HoldsAsync(transaction, signed, cancellationToken);
        if (await IdempotencyRecords.FindAsync(transaction, signed, cancellationToken) is { } done)
        {
            return done;
        }

        if (waits)
        {
            return null;
        }

        var order = await OrderQueries.FindAsync(transaction, id, cancellationToken);
        return new Refusal(ProblemCodes.OrderNotActive, $"The order is {order?.Status}.");
    }
}
