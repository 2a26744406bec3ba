using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>One group of commands in its database transaction: read, applied to the book, written.</summary>
internal sealed class ZoneGroupWriter(string zone, ZoneWriter writer, NpgsqlTransaction transaction)
{
    /// <summary>As it stands after the group, once that is committed; null when there was nothing to do.</summary>
    internal ZoneBook? Book { get; private set; }

    /// <summary>
    /// How many commands it took, and what they did. Null when the present epoch is cleared already: nothing of it may
    /// be committed then.
    /// </summary>
    internal async Task<(int Taken, ZoneOutcome Outcome)?> WriteAsync(
        ZoneBook? book, ZoneScope scope, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (state, commands) = await ZoneRecords.TakeAsync(
            transaction,
            zone,
            patience,
            scope,
            writer.MarketTime.GetUtcNow(),
            ZoneMarket.MaxGroup,
            cancellationToken);

        // The lock may have been long in coming.
        var now = writer.MarketTime.GetUtcNow();
        if (state?.Writer != writer.Writer || book?.Position.Sequence != state.Sequence)
        {
            if (commands.Count == 0 && !await ZoneRecords.HasExpiredAsync(transaction, zone, now, cancellationToken))
            {
                return (0, default);
            }

            book = await ClaimAsync(state, cancellationToken);
        }

        var expected = book.Position.Sequence;
        var group = book.Apply(commands, now);
        Book = book;
        if (group.IsEmpty && commands.Count == 0)
        {
            return (0, default);
        }

        var hash = ZoneMarket.IsHashDue(state?.Hashed ?? 0, book) ? BookBytes.Of(book.StateHash()) : null;
        await ZoneRecords.MoveAsync(
            transaction,
            zone,
            writer.Writer,
            expected,
            book.Position,
            hash is null ? null : book.Position.Sequence,
            cancellationToken);
        await ZoneRecords.WriteJournalAsync(transaction, zone, group.Lines, hash, cancellationToken);
        if (await WriteOrdersAsync(book, group, now, cancellationToken) is not { } outcome)
        {
            return null;
        }

        await ZoneRecords.AnswerCancellationsAsync(transaction, group.Left.Values, now, cancellationToken);
        await ZoneRecords.ClearInboxAsync(transaction, commands, group.Left.Keys, cancellationToken);
        book.Forget(group);
        return (commands.Count, outcome);
    }

    /// <summary>The book as the database has it, ours from now on.</summary>
    private async Task<ZoneBook> ClaimAsync(ZoneState? state, CancellationToken cancellationToken)
    {
        await ZoneRecords.ClaimAsync(
            transaction, zone, writer.Writer, writer.Mode, writer.Wall.UtcNow, cancellationToken);
        var live = await ZoneRecords.LiveAsync(transaction, zone, cancellationToken);
        var book = ZoneBook.Restore(
            writer.Mode,
            live.Select(static order => (order.Id, order.ToNewOrder())),
            state?.Position ?? ZonePosition.Empty);
        if (state is null || ZoneRecords.ModeOf(state.Mode) != writer.Mode)
        {
            // A replay has to know how the book matches from here on.
            await ZoneSnapshots.AddAsync(
                transaction, zone, book, writer.Wall.UtcNow, isVerified: state is null, cancellationToken);
        }

        return book;
    }

    private async Task<ZoneOutcome?> WriteOrdersAsync(
        ZoneBook book, ZoneGroup group, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var locked = await OrderQueries.LockAsync(transaction, group.Touched, cancellationToken);
        var rows = locked.ToDictionary(static order => order.Id);
        Check(book, group, rows);
        await ZoneRecords.WritePlacesAsync(transaction, group.Placed, cancellationToken);
        var gone = group.Expired.Concat(group.Left.Keys).ToHashSet();
        var cycle = MatchCycle.Of(
            zone, now, [.. locked.Where(order => !gone.Contains(order.Id))], group.Matches);
        if (cycle.Touched.Count > 0)
        {
            if (!await MatchRecords.OpenEpochAsync(transaction, zone, cycle.Epoch, cancellationToken))
            {
                return null;
            }

            await MatchRecords.WriteAsync(transaction, cycle, cancellationToken);
            await MatchRecords.RequestLocksAsync(
                transaction, cycle, LockTerms.ExpiryFor(cycle.Epoch), cancellationToken);
            await CloseAsync(cycle.UnfilledPurchases, OrderStatus.Cancelled, null, now, cancellationToken);
        }

        await CloseAsync([.. group.Expired.Select(id => rows[id])], OrderStatus.Expired, null, now, cancellationToken);
        foreach (var left in group.Left.Values.GroupBy(static command => command.Kind, StringComparer.Ordinal))
        {
            var (status, reason) = MeaningOf(left.Key);
            await CloseAsync(
                [.. left.Select(command => rows[command.OrderId])], status, reason, now, cancellationToken);
        }

        foreach (var (order, reason) in group.Refused)
        {
            await CloseAsync(
                [rows[order]], OrderStatus.Rejected, OrderReason.OfRejection(reason), now, cancellationToken);
        }

        return new ZoneOutcome(
            group.Matches.Count + cycle.UnfilledPurchases.Count, group.Left.Count, group.Expired.Count);
    }

    private Task CloseAsync(
        IReadOnlyList<OrderRow> orders,
        string status,
        string? reason,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        OrderClosing.CloseAsync(transaction, writer.Outbox, orders, status, now, cancellationToken, reason);

    private static (string Status, string? Reason) MeaningOf(string kind) => kind switch
    {
        InboxKind.Withdrawn => (OrderStatus.Cancelled, OrderReason.CancelledOnChain),
        InboxKind.Expired => (OrderStatus.Expired, OrderReason.ExpiredOnChain),
        _ => (OrderStatus.Cancelled, null),
    };

    /// <summary>Nobody but the writer changes what is in the book. A row that somebody did change stops the zone.
    /// </summary>
    private void Check(ZoneBook book, ZoneGroup group, Dictionary<Guid, OrderRow> rows)
    {
        Dictionary<Guid, long> matched = [];
        foreach (var match in group.Matches)
        {
            matched[match.Bid] = matched.GetValueOrDefault(match.Bid) + match.Energy.Value;
            matched[match.Ask] = matched.GetValueOrDefault(match.Ask) + match.Energy.Value;
        }

        foreach (var id in group.Touched)
        {
            var isWhole = rows.TryGetValue(id, out var row) && OrderStatus.IsLive(row.Status)
                && (!matched.TryGetValue(id, out var energy)
                    || row.TargetOrder is not null
                    || book.RestOf(id) == row.Rest.Value - energy);
            if (!isWhole)
            {
                throw new InvalidOperationException(
                    $"Order {id} of zone {zone} is not what its book says: {row?.Status}, {row?.Filled} Wh filled.");
            }
        }
    }
}
