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
    /// Creates the epoch when it is not there yet. False when it has been cleared already, by a process whose clock
    /// is a little ahead: then nothing may be added to it, and the next cycle falls into the next epoch.
    /// </summary>
    internal static async Task<bool> OpenEpochAsync(
        NpgsqlTransaction transaction, string zone, MarketEpoch epoch, CancellationToken cancellationToken)
    {
        var status = await transaction.FirstOrDefaultAsync<string>(
            """
            insert into epochs (zone, number, starts_at, ends_at, status)
            values (@zone, @number, @starts, @ends, 'active')
            on conflict do nothing;
            select status from epochs where zone = @zone and number = @number
            """,
            new { zone, number = epoch.Number, starts = epoch.Start, ends = epoch.End },
            cancellationToken);
        return status is "pending" or "active";
    }

    /// <summary>The matches with all that they entail; their ids, in their order.</summary>
    internal static async Task<IReadOnlyList<Guid>> WriteAsync(
        NpgsqlTransaction transaction, MatchCycle cycle, MarketRules market, CancellationToken cancellationToken)
    {
        if (cycle.Matches.Count == 0)
        {
            return [];
        }

        var ids = cycle.Matches.Select(_ => Guid.CreateVersion7(cycle.Now)).ToArray();

        _ = await transaction.ExecuteAsync(
            """
            insert into matches (id, zone, epoch, buy_order, sell_order, energy_wh, price, value_ugrx, buyer_share_ugrx,
                                 matched_at, tx_signature)
            select id, @zone, @epoch, bid, ask, energy, price, value, share, @now, 'pending_' || id
            from unnest(@ids, @bids, @asks, @energies, @prices, @values, @shares) with ordinality
                as match (id, bid, ask, energy, price, value, share, position)
            order by position;

            -- A filled order keeps its escrow until the chain has decided about its matches.
            update orders
            set filled_wh = fill.filled,
                status = case when fill.filled = energy_wh then 'filled' else 'partially_filled' end,
                closed_at = case when fill.filled = energy_wh then @now else closed_at end
            from unnest(@orders, @filled) as fill (id, filled)
            where orders.id = fill.id
            """,
            new
            {
                zone = cycle.Zone,
                epoch = cycle.Epoch.Number,
                now = cycle.Now,
                ids,
                bids = cycle.Matches.Select(static match => match.Bid).ToArray(),
                asks = cycle.Matches.Select(static match => match.Ask).ToArray(),
                energies = cycle.Matches.Select(static match => match.Energy.Value).ToArray(),
                prices = cycle.Matches.Select(static match => match.Price.Value).ToArray(),
                values = cycle.Matches.Select(static match => match.Value.Value).ToArray(),
                shares = cycle.Matches.Select(static match => match.BuyerShare.Value).ToArray(),
                orders = cycle.Filled.Keys.ToArray(),
                filled = cycle.Filled.Values.Select(static energy => energy.Value).ToArray(),
            },
            cancellationToken);
        await MatchEffectRecords.WriteAsync(transaction, ids, cycle.Matches, market.Options, cancellationToken);
        return ids;
    }

    /// <summary>
    /// The seller's device (the first registered of its meters in the zone) is to hold all that the order has sold so
    /// far, less what could not be settled. A lock that has ended, or was refused, is asked for again, since there is
    /// more to hold.
    /// </summary>
    internal static Task RequestLocksAsync(
        NpgsqlTransaction transaction, MatchCycle cycle, DateTimeOffset until, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into device_locks (order_id, device, energy_wh, expires_at, status)
            select o.id, meter.device, o.filled_wh - o.failed_wh, @until, 'queued'
            from orders o
            cross join lateral (
                select device from meters m
                where m.owner_id = o.owner_id and m.zone = o.zone and m.revoked_at is null
                order by m.registered_at, m.meter_id limit 1) meter
            where o.id = any(@asks)
            order by o.sequence
            on conflict (order_id) do update
            set energy_wh = excluded.energy_wh,
                expires_at = excluded.expires_at,
                status = case when device_locks.status in ('sent', 'acknowledged') then device_locks.status
                    else 'queued' end
            """,
            new { until, asks = cycle.Matches.Select(static match => match.Ask).Distinct().ToArray() },
            cancellationToken);
}
