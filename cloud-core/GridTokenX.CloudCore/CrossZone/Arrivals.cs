using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;
using Npgsql;

namespace GridTokenX.CloudCore.CrossZone;

/// <summary>
/// When the orders of several zones arrived, for a cycle over them: when their escrow was confirmed, then in the order
/// in which they were accepted. Read from their rows, so a restart changes nothing.
/// </summary>
internal static class Arrivals
{
    private sealed record Row(Guid Id, DateTimeOffset EscrowedAt, long Sequence);

    /// <summary>The zones with the arrivals of all orders whose turn may depend on them.</summary>
    /// <param name="transaction">Of the cycle.</param>
    /// <param name="zones">With what may trade.</param>
    /// <param name="links">Between them, with the capacity that is left.</param>
    /// <param name="nameOf">The order at a place of a zone's book.</param>
    /// <param name="cancellationToken">Of the worker.</param>
    internal static async Task<IReadOnlyCollection<ZoneOrders>> ReadAsync(
        NpgsqlTransaction transaction,
        IReadOnlyCollection<ZoneOrders> zones,
        IReadOnlyCollection<ZoneLink> links,
        Func<string, long, Guid> nameOf,
        CancellationToken cancellationToken)
    {
        var reachable = zones.ToDictionary(
            static zone => zone.Zone, zone => Reachable(zone, zones, links), StringComparer.Ordinal);
        if (reachable.Values.Count(static orders => orders.Count > 0) < 2)
        {
            return zones;
        }

        var rows = await transaction.QueryAsync<Row>(
            "select id, escrowed_at, sequence from orders where id = any(@ids)",
            new
            {
                ids = reachable
                    .SelectMany(zone => zone.Value.Select(order => nameOf(zone.Key, order.Sequence)))
                    .ToArray(),
            },
            cancellationToken);
        var arrivals = rows.ToDictionary(
            static row => row.Id, static row => new Arrival(MarketTime.At(row.EscrowedAt), row.Sequence));
        return [.. zones.Select(zone => zone with
        {
            Arrivals = reachable[zone.Zone].ToDictionary(
                static order => order.Sequence, order => arrivals[nameOf(zone.Zone, order.Sequence)]),
        })];
    }

    /// <summary>Whatever lands, somewhere, within the limit of somebody: after a cycle next to nothing.</summary>
    internal static List<BookedOrder> Reachable(
        ZoneOrders zone, IReadOnlyCollection<ZoneOrders> zones, IReadOnlyCollection<ZoneLink> links)
    {
        var all = zones.ToDictionary(static each => each.Zone, StringComparer.Ordinal);
        var sources = links.Where(link => link.To == zone.Zone && all.ContainsKey(link.From)).ToList();
        var targets = links.Where(link => link.From == zone.Zone && all.ContainsKey(link.To)).ToList();
        var bids = zone.Bids.TakeWhile(bid => Meets(bid, zone) || sources.Exists(link =>
            all[link.From].Asks is [var ask, ..] && link.LandedCost(ask.Limit) <= bid.Limit));
        var asks = zone.Asks.TakeWhile(ask => (zone.Bids is [var own, ..] && ask.Limit <= own.Limit)
            || targets.Exists(link =>
                all[link.To].Bids is [var bid, ..] && link.LandedCost(ask.Limit) <= bid.Limit));
        return [.. bids, .. asks];
    }

    private static bool Meets(BookedOrder bid, ZoneOrders zone) =>
        zone.Asks is [var ask, ..] && ask.Limit <= bid.Limit;
}
