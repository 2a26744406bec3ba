using GridTokenX.CloudCore.Effects;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Writes a matching cycle: a few statements, however many matches.</summary>
internal static class MatchRecords
{
    /// <summary>
    /// Creates the epoch (<c>@zone</c>, <c>@number</c>, from <c>@starts</c> to <c>@ends</c>) when it is not there yet,
    /// and says what it is.
    /// </summary>
    internal const string OpeningEpoch =
        """
        insert into epochs (zone, number, starts_at, ends_at, status)
        values (@zone, @number, @starts, @ends, 'active')
        on conflict do nothing;
        select status from epochs where zone = @zone and number = @number
        """;

    /// <summary>
    /// False when it has been cleared already, by a process whose clock is a little ahead: then nothing may be added to
    /// it, and the next cycle falls into the next epoch.
    /// </summary>
    internal static bool IsOpen(string? status) => status is "pending" or "active";

    internal static async Task<bool> OpenEpochAsync(
        NpgsqlTransaction transaction, string zone, MarketEpoch epoch, CancellationToken cancellationToken) =>
        IsOpen(await transaction.FirstOrDefaultAsync<string>(
            OpeningEpoch,
            new { zone, number = epoch.Number, starts = epoch.Start, ends = epoch.End },
            cancellationToken));

    /// <summary>The matches with all that they entail, and what changes of their orders.</summary>
    /// <param name="writes">Of the cycle's transaction.</param>
    /// <param name="cycle">What was found.</param>
    /// <param name="market">The rules.</param>
    /// <param name="placed">Orders that come into the book with it; those that match and those that do not.</param>
    /// <param name="held">Orders whose escrow arrives with it; null for none.</param>
    /// <returns>The matches' ids, in their order.</returns>
    internal static IReadOnlyList<Guid> Add(
        PendingWrites writes,
        MatchCycle cycle,
        MarketRules market,
        IReadOnlyList<(Guid Order, long Place)> placed,
        IReadOnlySet<Guid>? held = null)
    {
        var ids = AddMatches(writes, cycle, market);
        AddChanges(writes, cycle, placed, held ?? new HashSet<Guid>());
        return ids;
    }

    /// <summary>The matches and their effects; their orders are left as they are.</summary>
    /// <returns>Their ids, in their order.</returns>
    internal static IReadOnlyList<Guid> AddMatches(PendingWrites writes, MatchCycle cycle, MarketRules market)
    {
        if (cycle.Matches.Count == 0)
        {
            return [];
        }

        Guid[] ids = [.. cycle.Matches.Select(_ => Guid.CreateVersion7(cycle.Now))];
        writes.Add(
            """
            insert into matches (id, zone, epoch, buy_order, sell_order, energy_wh, price, value_ugrx, buyer_share_ugrx,
                                 matched_at, tx_signature)
            select id, $1, $2, bid, ask, energy, price, value, share, $3, 'pending_' || id
            from unnest($4, $5, $6, $7, $8, $9, $10) with ordinality
                as match (id, bid, ask, energy, price, value, share, position)
            order by position
            """,
            PendingWrites.Value(cycle.Zone),
            PendingWrites.Value(cycle.Epoch.Number),
            PendingWrites.Value(cycle.Now.UtcDateTime),
            PendingWrites.Value(ids),
            PendingWrites.Column(cycle.Matches, static match => match.Bid),
            PendingWrites.Column(cycle.Matches, static match => match.Ask),
            PendingWrites.Column(cycle.Matches, static match => match.Energy.Value),
            PendingWrites.Column(cycle.Matches, static match => match.Price.Value),
            PendingWrites.Column(cycle.Matches, static match => match.Value.Value),
            PendingWrites.Column(cycle.Matches, static match => match.BuyerShare.Value));
        writes.Add(MatchEffectRecords.Writing(ids, cycle.Matches, market.Options));
        return ids;
    }

    /// <summary>One change a row, since each costs its indexes.</summary>
    private static void AddChanges(
        PendingWrites writes,
        MatchCycle cycle,
        IReadOnlyList<(Guid Order, long Place)> placed,
        IReadOnlySet<Guid> held)
    {
        var places = placed.ToDictionary(static order => order.Order, static order => order.Place);
        List<Guid> changed = [.. cycle.Filled.Keys.Union(places.Keys).Union(held)];
        if (changed.Count == 0)
        {
            return;
        }

        writes.Add(
            """
            -- A filled order keeps its escrow until the chain has decided about its matches.
            update orders
            set place = coalesce(change.place, orders.place),
                filled_wh = coalesce(change.filled, filled_wh),
                status = case when change.filled = energy_wh then 'filled'
                    when change.filled is not null then 'partially_filled'
                    when change.held then 'active' else status end,
                closed_at = case when change.filled = energy_wh then $1 else closed_at end,
                escrow = case when change.held then 'held' else escrow end,
                escrowed_at = case when change.held then greatest(created_at, $1) else escrowed_at end
            from unnest($2, $3, $4, $5) as change (id, place, filled, held)
            where orders.id = change.id
            """,
            PendingWrites.Value(cycle.Now.UtcDateTime),
            PendingWrites.Value(changed.ToArray()),
            PendingWrites.Column(changed, id => places.TryGetValue(id, out var place) ? place : default(long?)),
            PendingWrites.Column(
                changed, id => cycle.Filled.TryGetValue(id, out var filled) ? filled.Value : default(long?)),
            PendingWrites.Column(changed, held.Contains));
    }

    /// <summary>
    /// The seller's device (the first registered of its meters in the zone) is to hold all that the order has sold so
    /// far, less what could not be settled. A lock that has ended, or was refused, is asked for again, since there is
    /// more to hold.
    /// </summary>
    internal static void AddLocks(PendingWrites writes, MatchCycle cycle, DateTimeOffset until)
    {
        if (cycle.Matches.Count > 0)
        {
            writes.Add(
                """
                insert into device_locks (order_id, device, energy_wh, expires_at, status)
                select o.id, meter.device, o.filled_wh - o.failed_wh, $1, 'queued'
                from orders o
                cross join lateral (
                    select device from meters m
                    where m.owner_id = o.owner_id and m.zone = o.zone and m.revoked_at is null
                    order by m.registered_at, m.meter_id limit 1) meter
                where o.id = any($2)
                order by o.sequence
                on conflict (order_id) do update
                set energy_wh = excluded.energy_wh,
                    expires_at = excluded.expires_at,
                    status = case when device_locks.status in ('sent', 'acknowledged') then device_locks.status
                        else 'queued' end
                """,
                PendingWrites.Value(until.UtcDateTime),
                PendingWrites.Value(cycle.Matches.Select(static match => match.Ask).Distinct().ToArray()));
        }
    }
}
