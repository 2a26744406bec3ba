using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

internal static class EpochRecords
{
    private sealed record Numbered(Guid Id, long Number);

    /// <summary>False when the epoch is no longer open.</summary>
    internal static async Task<bool> LockOpenAsync(
        NpgsqlTransaction transaction, string zone, long number, CancellationToken cancellationToken) =>
        await transaction.FirstOrDefaultAsync<string>(
            """
            select status from epochs
            where zone = @zone and number = @number and status in ('pending', 'active')
            for no key update
            """,
            new { zone, number },
            cancellationToken) is not null;

    /// <summary>The zone's oldest epoch that has ended without its auction, locked; null when there is none.</summary>
    internal static async Task<MarketEpoch?> DueAuctionAsync(
        NpgsqlTransaction transaction, string zone, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var starts = await transaction.FirstOrDefaultAsync<DateTimeOffset?>(
            """
            select starts_at from epochs
            where zone = @zone and status in ('pending', 'active') and auctioned_at is null and ends_at <= @now
            order by number limit 1
            for no key update
            """,
            new { zone, now },
            cancellationToken);
        return starts is { } start ? MarketEpoch.At(start) : null;
    }

    internal static Task<int> WriteAuctionAsync(
        NpgsqlTransaction transaction,
        string zone,
        long number,
        AuctionPrice? price,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update epochs set rule = 'call_auction', auctioned_at = @now, auction_price = @price
            where zone = @zone and number = @number
            """,
            new { zone, number, now, price = price?.Price.Value },
            cancellationToken);

    internal static Task<IReadOnlyList<MatchRow>> TradesAsync(
        NpgsqlTransaction transaction, string zone, long number, CancellationToken cancellationToken) =>
        transaction.QueryAsync<MatchRow>(
            """
            select m.id, m.energy_wh as energy, m.price, m.value_ugrx as value, m.buyer_share_ugrx as buyer_share,
                   bid.limit_price as bid_limit, ask.limit_price as ask_limit,
                   buyer.wallet as buyer, bid.chain_order_id as buy_order_id, bid.rent_payer as buy_rent_payer,
                   seller.wallet as seller, ask.chain_order_id as sell_order_id, ask.rent_payer as sell_rent_payer,
                   ask.fee_bps as fee_basis_points, bid.zone <> ask.zone as is_across
            from matches m
            join orders bid on bid.id = m.buy_order
            join orders ask on ask.id = m.sell_order
            join users buyer on buyer.id = bid.owner_id
            join users seller on seller.id = ask.owner_id
            where m.zone = @zone and m.epoch = @number
            order by m.sequence
            """,
            new { zone, number },
            cancellationToken);

    /// <summary>
    /// The orders that were live at some time of the epoch. Fills count by the epoch of their match, so a late
    /// clearing sees what one in time would have seen.
    /// </summary>
    internal static Task<IReadOnlyList<EpochOrderRow>> OrdersAsync(
        NpgsqlTransaction transaction, string zone, long number, CancellationToken cancellationToken) =>
        transaction.QueryAsync<EpochOrderRow>(
            """
            select o.side, o.limit_price, o.energy_wh as energy,
                   fills.before::bigint as filled_before, fills.after::bigint as filled_after,
                   o.expires_at > e.ends_at and (o.closed_at is null or o.closed_at >= e.ends_at) as stays_open
            from epochs e
            cross join lateral (
                select id from orders
                where zone = e.zone and status in ('active', 'partially_filled')
                union
                select id from orders where zone = e.zone and closed_at > e.starts_at
                union
                select unnest(array[buy_order, sell_order]) from matches where zone = e.zone and epoch = e.number
                union
                select m.buy_order from matches_across a join matches m on m.id = a.match_id
                where a.to_zone = e.zone and a.from_epoch = e.number) taking
            join orders o on o.id = taking.id and o.zone = e.zone
                and o.expires_at > e.starts_at and o.escrowed_at < e.ends_at
            cross join lateral (
                select coalesce(sum(m.energy_wh) filter (where m.epoch < e.number), 0) as before,
                       coalesce(sum(m.energy_wh) filter (where m.epoch <= e.number), 0) as after
                from (
                    select energy_wh, epoch from matches where o.side = 'buy' and buy_order = o.id
                    union all
                    select energy_wh, epoch from matches where o.side = 'sell' and sell_order = o.id) m) fills
            where e.zone = @zone and e.number = @number
              and (o.closed_at is null or o.closed_at > e.starts_at or fills.after > fills.before)
            order by o.sequence
            """,
            new { zone, number },
            cancellationToken);

    /// <summary>What the chain has to do; the settlements get their numbers in the order of their matches.</summary>
    internal static async Task<IReadOnlyList<ChainIntent>> WriteAsync(
        NpgsqlTransaction transaction,
        string zone,
        long number,
        EpochClearing clearing,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var settlements = clearing.Settlements;
        var numbers = await transaction.QueryAsync<Numbered>(
            """
            insert into settlements (id, match_id, zone, epoch, energy_wh, value_ugrx, fee_ugrx, status, created_at)
            select id, match, @zone, @number, energy, value, fee, 'pending', @now
            from unnest(@ids, @matches, @energies, @values, @fees) with ordinality
                as settlement (id, match, energy, value, fee, position)
            order by position
            returning id, number
            """,
            new
            {
                zone,
                number,
                now,
                ids = settlements.Select(static settlement => settlement.Id).ToArray(),
                matches = settlements.Select(static settlement => settlement.Match.Id).ToArray(),
                energies = settlements.Select(static settlement => settlement.Match.Energy.Value).ToArray(),
                values = settlements.Select(static settlement => settlement.Match.Value.Value).ToArray(),
                fees = settlements.Select(static settlement => settlement.Fee.Value).ToArray(),
            },
            cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update epochs
            set status = @status, clearing_price = @price, volume_wh = @volume, trades = @trades, high_price = @high,
                low_price = @low, open_interest_wh = @open, welfare_ugrx = @welfare, welfare_max_ugrx = @welfareMax,
                volume_max_wh = @volumeMax, buyers_share = @buyersShare, price_dispersion = @priceDispersion
            where zone = @zone and number = @number
            """,
            new
            {
                zone,
                number,
                status = settlements.Count == 0 ? "settled" : "cleared",
                price = clearing.Statistics.ClearingPrice?.Value,
                volume = clearing.Statistics.Volume,
                trades = clearing.Statistics.Trades,
                high = clearing.Statistics.High?.Value,
                low = clearing.Statistics.Low?.Value,
                open = clearing.OpenInterest,
                welfare = clearing.Reached.Welfare,
                welfareMax = clearing.Possible.Welfare,
                volumeMax = clearing.Possible.Volume,
                buyersShare = clearing.Fairness.BuyersShare,
                priceDispersion = clearing.Fairness.PriceDispersion,
            },
            cancellationToken);
        var byId = numbers.ToDictionary(static row => row.Id, static row => row.Number);
        return [.. settlements.Select(settlement => settlement.ToIntent(byId[settlement.Id]))];
    }
}
