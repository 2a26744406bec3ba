using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;

namespace GridTokenX.CloudCore.Trading;

/// <summary>What a group means for the rows of its orders, and everything that follows from their matches.</summary>
/// <param name="zone">Whose.</param>
/// <param name="writer">Who writes.</param>
/// <param name="unit">In which all is written.</param>
/// <param name="held">Orders whose escrow arrives with the group.</param>
internal sealed class ZoneOrderWriter(string zone, ZoneWriter writer, UnitOfWork unit, IReadOnlySet<Guid> held)
{
    /// <param name="group">To be written.</param>
    /// <param name="rows">Of its orders.</param>
    /// <param name="at">The instant at which it happens.</param>
    /// <param name="now">Market time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task<ZoneOutcome> WriteAsync(
        ZoneGroup group,
        Dictionary<Guid, OrderRow> rows,
        DateTimeOffset at,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var matched = await MatchAsync(group, rows, at, now, cancellationToken);
        await CutAsync(group, rows, at, cancellationToken);
        return await LeaveAsync(group, rows, at, cancellationToken)
            + new ZoneOutcome(matched + group.Cut.Count, 0, 0);
    }

    /// <summary>
    /// Places, matches, and purchases that did not get all: how many. The rows stand as they are afterwards. The epoch
    /// is open.
    /// </summary>
    internal async Task<int> MatchAsync(
        ZoneGroup group,
        Dictionary<Guid, OrderRow> rows,
        DateTimeOffset at,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var gone = group.Expired.Concat(group.Left.Keys).ToHashSet();
        var cycle = MatchCycle.Of(
            zone, at, [.. rows.Values.Where(order => !gone.Contains(order.Id))], group.Matches);
        _ = MatchRecords.Add(unit.Writes, cycle, writer.Market, group.Placed, held);
        MatchRecords.AddLocks(unit.Writes, cycle, LockTerms.ExpiryFor(MarketEpoch.At(now)));
        await CloseAsync(cycle.UnfilledPurchases, OrderStatus.Cancelled, null, at, cancellationToken);
        foreach (var (id, filled) in cycle.Filled)
        {
            rows[id] = rows[id] with { Filled = filled };
        }

        return group.Matches.Count + cycle.UnfilledPurchases.Count;
    }

    /// <summary>A plain group, without having read its rows.</summary>
    internal ZoneOutcome AddPlain(ZoneBook book, ZoneGroup group, DateTimeOffset at)
    {
        var cycle = MatchCycle.Of(zone, at, group.Matches);
        _ = MatchRecords.AddMatches(unit.Writes, cycle, writer.Market);
        ComparedChanges.Add(unit.Writes, book, group, held, at);
        MatchRecords.AddLocks(unit.Writes, cycle, LockTerms.ExpiryFor(cycle.Epoch));
        return new ZoneOutcome(group.Matches.Count, 0, 0);
    }

    /// <summary>What has expired, was cancelled, withdrawn or not taken.</summary>
    internal async Task<ZoneOutcome> LeaveAsync(
        ZoneGroup group, Dictionary<Guid, OrderRow> rows, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await CloseAsync([.. group.Expired.Select(id => rows[id])], OrderStatus.Expired, null, at, cancellationToken);
        foreach (var left in group.Left.Values.GroupBy(static command => command.Kind, StringComparer.Ordinal))
        {
            var (status, reason) = MeaningOf(left.Key);
            await CloseAsync(
                [.. left.Select(command => rows[command.OrderId])], status, reason, at, cancellationToken);
        }

        foreach (var (order, reason) in group.Refused)
        {
            await CloseAsync(
                [rows[order]], OrderStatus.Rejected, OrderReason.OfRejection(reason), at, cancellationToken);
        }

        return new ZoneOutcome(0, group.Left.Count, group.Expired.Count);
    }

    /// <summary>
    /// What has had its one matching, once all that it was filled with is written: the rest of its escrow is free.
    /// </summary>
    internal async Task CutAsync(
        ZoneGroup group, Dictionary<Guid, OrderRow> rows, DateTimeOffset at, CancellationToken cancellationToken)
    {
        foreach (var cut in group.Cut.GroupBy(static cut => OrderReason.OfCut(cut.Reason), StringComparer.Ordinal))
        {
            await CloseAsync(
                [.. cut.Select(order => rows[order.Order])], OrderStatus.Cancelled, cut.Key, at, cancellationToken);
        }
    }

    private async Task CloseAsync(
        IReadOnlyList<OrderRow> orders,
        string status,
        string? reason,
        DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        if (orders.Count > 0)
        {
            // What is given back depends on what was filled.
            await unit.Writes.FlushAsync(cancellationToken);
            await OrderClosing.CloseAsync(
                unit.Transaction, writer.Outbox, orders, status, at, cancellationToken, reason);
        }
    }

    private static (string Status, string? Reason) MeaningOf(string kind) => kind switch
    {
        InboxKind.Withdrawn => (OrderStatus.Cancelled, OrderReason.CancelledOnChain),
        InboxKind.Expired => (OrderStatus.Expired, OrderReason.ExpiredOnChain),
        _ => (OrderStatus.Cancelled, null),
    };

    /// <summary>
    /// Nobody but the writer changes what is in the book. A row that somebody did change stops the zone.
    /// </summary>
    internal void Check(ZoneBook book, ZoneGroup group, Dictionary<Guid, OrderRow> rows)
    {
        var matched = group.Matched();
        var isCut = group.Cut.Select(static cut => cut.Order).ToHashSet();
        foreach (var id in group.Touched)
        {
            var isWhole = rows.TryGetValue(id, out var row) && OrderStatus.IsLive(row.Status)
                && (!matched.TryGetValue(id, out var energy)
                    || row.TargetOrder is not null
                    || isCut.Contains(id)
                    || book.RestOf(id) == (row.Rest - energy).Value);
            if (!isWhole)
            {
                throw new InvalidOperationException(
                    $"Order {id} of zone {zone} is not what its book says: {row?.Status}, {row?.Filled} Wh filled.");
            }
        }
    }
}
