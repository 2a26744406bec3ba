using GridTokenX.CloudCore.Effects;
using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Market.Clearing;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;

namespace GridTokenX.CloudCore.CrossZone;

/// <summary>
/// One cycle over zones that trade with each other: the inboxes of all, then each bid takes what costs least where it
/// is, all in one transaction. A match of two zones belongs to the seller's zone, where the energy is fed in, and is
/// settled there. Who runs it has the turns of all these zones, in the order of their names.
/// </summary>
internal sealed class LinkedCycle(ZoneWriter writer, IReadOnlyList<ZoneMarket> markets)
{
    private sealed record Part(ZoneGroupWriter Writer, ZoneGroup Group)
    {
        internal ZoneBook Book => Writer.Book!;

        internal bool HasWork => Writer.HasWork(Group);
    }

    private sealed record Written(IReadOnlyDictionary<string, Part> Parts, ZoneOutcome Outcome);

    internal async Task<ZoneOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var written = await writer.Database.TryTransactAsync(
            unit => RunAsync(unit, cancellationToken), cancellationToken);
        if (written is null)
        {
            // An epoch of theirs is cleared already: all of it falls into the next one.
            return default;
        }

        foreach (var market in markets)
        {
            var part = written.Parts[market.Zone];
            market.PutBook(part.Book);
            if (part.HasWork)
            {
                market.Wrote();
            }
        }

        return written.Outcome;
    }

    /// <summary>Another attempt finds no books taken, and reads them anew.</summary>
    private async Task<Written?> RunAsync(UnitOfWork unit, CancellationToken cancellationToken)
    {
        var books = markets.ToDictionary(
            static market => market.Zone, static market => market.TakeBook(), StringComparer.Ordinal);
        var now = writer.MarketTime.GetUtcNow();
        var parts = new Dictionary<string, Part>(StringComparer.Ordinal);
        foreach (var zone in markets.Select(static market => market.Zone))
        {
            var part = new ZoneGroupWriter(zone, writer, unit);
            await part.TakeAsync(ZoneScope.All, ZoneLock.Patience, cancellationToken);
            var group = await part.ApplyAsync(books[zone], now, cancellationToken);
            parts.Add(zone, new Part(part, group!));
        }

        var links = await AcrossRecords.LeftAsync(
            unit.Transaction, writer.Market.Links, MarketEpoch.At(now), cancellationToken);
        var zones = await Arrivals.ReadAsync(
            unit.Transaction, [.. parts.Select(static part => OrdersOf(part.Key, part.Value))], links,
            (zone, place) => parts[zone].Book.NameOf(place), cancellationToken);
        var matches = Match(parts, zones, links);
        return await WriteAsync(unit, parts, matches, now, cancellationToken) is { } outcome
            ? new Written(parts, outcome)
            : null;
    }

    /// <summary>What may trade: nothing while the zone's gate is closed, no bid below its price.</summary>
    private static ZoneOrders OrdersOf(string zone, Part part) => part.Writer.IsOpen
        ? new ZoneOrders(zone, part.Book.Orders(Side.Bid), part.Book.Orders(Side.Ask))
        : new ZoneOrders(zone, [], []);

    private static List<AcrossMatch> Match(
        Dictionary<string, Part> parts, IReadOnlyCollection<ZoneOrders> zones, IReadOnlyList<ZoneLink> links)
    {
        List<AcrossMatch> matches = [];
        foreach (var match in CrossZoneCycle.Match(zones, links, TradePoint.FeedIn))
        {
            var (buyer, seller) = (parts[match.BuyerZone].Book, parts[match.SellerZone].Book);
            matches.Add(new AcrossMatch(buyer.NameOf(match.Bid), seller.NameOf(match.Ask), match));
            buyer.MatchAcross(match.Bid, match.Sent);
            seller.MatchAcross(match.Ask, match.Sent);
        }

        foreach (var part in parts.Values)
        {
            part.Book.CutBrief();
        }

        return matches;
    }

    private async Task<ZoneOutcome?> WriteAsync(
        UnitOfWork unit,
        Dictionary<string, Part> parts,
        List<AcrossMatch> matches,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var total = new ZoneOutcome(matches.Count, 0, 0);
        Dictionary<Guid, OrderRow> orders = [];
        foreach (var part in parts.Values.Where(static part => part.HasWork))
        {
            if (await part.Writer.MoveAsync(part.Group, now, cancellationToken) is not { } rows)
            {
                return null;
            }

            var matched = await part.Writer.Orders.MatchAsync(part.Group, rows, now, now, cancellationToken);
            total += await part.Writer.Orders.LeaveAsync(part.Group, rows, now, cancellationToken)
                + new ZoneOutcome(matched, 0, 0);
            foreach (var (id, row) in rows)
            {
                orders.Add(id, row);
            }

            await part.Writer.CloseAsync(part.Group, now, cancellationToken);
            await unit.Writes.FlushAsync(cancellationToken);
        }

        foreach (var cycle in AcrossCycle.ByZone(orders, matches, now))
        {
            // A process whose clock is a little ahead has cleared it.
            if (!await MatchRecords.OpenEpochAsync(
                unit.Transaction, cycle.Cycle.Zone, cycle.Cycle.Epoch, cancellationToken))
            {
                return null;
            }

            await WriteAsync(unit, cycle, cancellationToken);
        }

        foreach (var part in parts.Values.Where(static part => part.Group.Cut.Count > 0))
        {
            await part.Writer.Orders.CutAsync(part.Group, orders, now, cancellationToken);
            total += new ZoneOutcome(part.Group.Cut.Count, 0, 0);
        }

        return total;
    }

    private async Task WriteAsync(UnitOfWork unit, SellerCycle zone, CancellationToken cancellationToken)
    {
        var (transaction, writes) = (unit.Transaction, unit.Writes);
        var ids = MatchRecords.Add(writes, zone.Cycle, writer.Market, []);
        MatchRecords.AddLocks(writes, zone.Cycle, LockTerms.ExpiryFor(zone.Cycle.Epoch));
        await writes.FlushAsync(cancellationToken);
        var across = ids.Zip(zone.Matches)
            .Where(static row => row.Second.BuyerZone != row.Second.SellerZone)
            .ToList();
        if (across.Count > 0)
        {
            await AcrossRecords.WriteAsync(transaction, across, zone.Cycle.Epoch, cancellationToken);
            _ = await MatchEffectRecords.LoseAsync(
                transaction,
                across.ConvertAll(static row => row.First),
                across.ConvertAll(static row => row.Second.Arriving),
                cancellationToken);
        }
    }
}
