using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

internal static class EpochRecords
{
    private sealed record Numbered(Guid Id, long Number);

    /// <summary>Those of the epochs that are still open, the oldest first.</summary>
    internal static Task<IReadOnlyList<long>> LockOpenAsync(
        NpgsqlTransaction transaction,
        string zone,
        IReadOnlyList<long> numbers,
        CancellationToken cancellationToken) =>
        transaction.QueryAsync<long>(
            """
            select number from epochs
            where zone = @zone and number = any(@numbers) and status in ('pending', 'active')
            order by number for no key update
            """,
            new { zone, numbers = numbers.ToArray() },
            cancellationToken);

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
        NpgsqlTransaction transaction,
        string zone,
        IReadOnlyList<long> numbers,
        CancellationToken cancellationToken) =>
        transaction.QueryAsync<MatchRow>(
            """
            select m.id, m.epoch, m.energy_wh as energy, m.price, m.value_ugrx as value,
                   m.buyer_share_ugrx as buyer_share,
                   bid.limit_price as bid_limit, ask.limit_price as ask_limit,
                   buyer.wallet as buyer, bid.chain_order_id as buy_order_id, bid.rent_payer as buy_rent_payer,
                   seller.wallet as seller, ask.chain_order_id as sell_order_id, ask.rent_payer as sell_rent_payer,
                   ask.fee_bps as fee_basis_points, bid.zone <> ask.zone as is_across
            from matches m
            join orders bid on bid.id = m.buy_order
            join orders ask on ask.id = m.sell_order
            join users buyer on buyer.id = bid.owner_id
            join users seller on seller.id = ask.owner_id
            where m.zone = @zone and m.epoch = any(@numbers)
            order by m.epoch, m.sequence
            """,
            new { zone, numbers = numbers.ToArray() },
            cancellationToken);

    /// <summary>
    /// The orders that were live at some time of each epoch. Fills count by the epoch of their match, so a late
    /// clearing sees what one in time would have seen.
    /// </summary>
    internal static Task<IReadOnlyList<EpochOrderRow>> OrdersAsync(
        NpgsqlTransaction transaction,
        string zone,
        IReadOnlyList<long> numbers,
        CancellationToken cancellationToken) =>
        transaction.QueryAsync<EpochOrderRow>(
            """
            select e.number as epoch, o.side, o.limit_price, o.energy_wh as energy,
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
            where e.zone = @zone and e.number = any(@numbers)
              and (o.closed_at is null or o.closed_at > e.starts_at or fills.after > fills.before)
            order by e.number, o.sequence
            """,
            new { zone, numbers = numbers.ToArray() },
            cancellationToken);

    /// <summary>
    /// What the chain has to do; the settlements get their numbers epoch by epoch, in the order of their matches.
    /// </summary>
    internal static async Task<IReadOnlyList<ChainIntent>> WriteAsync(
        NpgsqlTransaction transaction,
        string zone,
        IReadOnlyList<EpochClearing> cleared,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await CloseAsync(transaction, zone, cleared, cancellationToken);
        var settlements = cleared
            .SelectMany(static epoch => epoch.Settlements.Select(settlement => (epoch.Number, Row: settlement)))
            .ToArray();
        if (settlements.Length == 0)
        {
            return [];
        }

        var numbers = await transaction.QueryAsync<Numbered>(
            """
            insert into settlements (id, match_id, zone, epoch, energy_wh, value_ugrx, fee_ugrx, status, created_at)
            select id, match, @zone, epoch, energy, value, fee, 'pending', @now
            from unnest(@ids, @matches, @epochs, @energies, @values, @fees) with ordinality
                as settlement (id, match, epoch, energy, value, fee, position)
            order by position
            returning id, number
            """,
            new
            {
                zone,
                now,
                ids = Array.ConvertAll(settlements, static settlement => settlement.Row.Id),
                matches = Array.ConvertAll(settlements, static settlement => settlement.Row.Match.Id),
                epochs = Array.ConvertAll(settlements, static settlement => settlement.Number),
                energies = Array.ConvertAll(settlements, static settlement => settlement.Row.Match.Energy.Value),
                values = Array.ConvertAll(settlements, static settlement => settlement.Row.Match.Value.Value),
                fees = Array.ConvertAll(settlements, static settlement => settlement.Row.Fee.Value),
            },
            cancellationToken);
        var byId = numbers.ToDictionary(static row => row.Id, static row => row.Number);
        return Array.ConvertAll(settlements, settlement => settlement.Row.ToIntent(byId[settlement.Row.Id]));
    }

    private static Task<int> CloseAsync(
        NpgsqlTransaction transaction,
        string zone,
        IReadOnlyList<EpochClearing> cleared,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update epochs e
            set status = case when c.trades = 0 then 'settled' else 'cleared' end, clearing_price = c.price,
                volume_wh = c.volume, trades = c.trades, high_price = c.high, low_price = c.low,
                open_interest_wh = c.open, welfare_ugrx = c.welfare, welfare_max_ugrx = c.welfare_max,
                volume_max_wh = c.volume_max, buyers_share = c.buyers_share, price_dispersion = c.price_dispersion
            from unnest(@numbers, @trades, @prices, @volumes, @highs, @lows, @open, @welfare, @welfareMax, @volumeMax,
                    @buyersShares, @priceDispersions)
                as c (number, trades, price, volume, high, low, open, welfare, welfare_max, volume_max, buyers_share,
                    price_dispersion)
            where e.zone = @zone and e.number = c.number
            """,
            new
            {
                zone,
                numbers = Each(cleared, static epoch => epoch.Number),
                trades = Each(cleared, static epoch => epoch.Statistics.Trades),
                prices = Each(cleared, static epoch => epoch.Statistics.ClearingPrice?.Value),
                volumes = Each(cleared, static epoch => epoch.Statistics.Volume.Value),
                highs = Each(cleared, static epoch => epoch.Statistics.High?.Value),
                lows = Each(cleared, static epoch => epoch.Statistics.Low?.Value),
                open = Each(cleared, static epoch => epoch.OpenInterest.Value),
                welfare = Each(cleared, static epoch => epoch.Reached.Welfare.Value),
                welfareMax = Each(cleared, static epoch => epoch.Possible.Welfare.Value),
                volumeMax = Each(cleared, static epoch => epoch.Possible.Volume.Value),
                buyersShares = Each(cleared, static epoch => epoch.Fairness.BuyersShare),
                priceDispersions = Each(cleared, static epoch => epoch.Fairness.PriceDispersion),
            },
            cancellationToken);

    private static T[] Each<T>(IReadOnlyList<EpochClearing> cleared, Func<EpochClearing, T> value) =>
        [.. cleared.Select(value)];
}
