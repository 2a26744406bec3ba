using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Effects;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Effects;

/// <summary>
/// What matches entail: written with them, made to count by their settlement, void when that fails for good. Every step
/// is taken in the database transaction of its cause.
/// </summary>
internal static class MatchEffectRecords
{
    private sealed record Burn(Guid Match, Key32 Wallet, WattHours Energy);

    /// <param name="transaction">In which the matches were written.</param>
    /// <param name="ids">Of the matches.</param>
    /// <param name="matches">In the same order.</param>
    /// <param name="options">Of the deployment.</param>
    /// <param name="cancellationToken">Of the caller.</param>
    internal static Task WriteAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<Guid> ids,
        IReadOnlyList<Match> matches,
        MarketOptions options,
        CancellationToken cancellationToken)
    {
        var effects = matches
            .Select(match => MatchEffects.Of(match.Energy, match.Value, options.BurnOnSettlement))
            .ToArray();
        return transaction.ExecuteAsync(
            """
            with input as (
                select * from unnest(@ids, @bids, @asks, @grams, @burns, @yearly, @limits, @pools) with ordinality
                    as input (id, bid, ask, grams, burn, yearly, most, pool, position)),
            written as (
                insert into match_effects (match_id, seller_id, buyer_id, carbon_grams, burn_wh, burn)
                select i.id, ask.owner_id, bid.owner_id, i.grams, i.burn,
                       case when i.burn > 0 then 'foreseen' else 'none' end
                from input i join orders bid on bid.id = i.bid join orders ask on ask.id = i.ask)
            insert into yields (match_id, kind, owner_id, amount_ugrx, limit_ugrx)
            select i.id, y.kind, case y.kind when 'seller' then ask.owner_id end, y.amount, y.most
            from input i
            join orders ask on ask.id = i.ask
            cross join lateral (values ('seller', i.yearly, i.most), ('pool', i.pool, i.pool)) as y (kind, amount, most)
            where y.amount > 0
            order by i.position, y.kind desc
            """,
            new
            {
                ids = ids.ToArray(),
                bids = matches.Select(static match => match.Bid).ToArray(),
                asks = matches.Select(static match => match.Ask).ToArray(),
                grams = effects.Select(static effect => effect.CarbonGrams).ToArray(),
                burns = effects
                    .Select(static effect => (long)(effect.Retired / WattHours.GridBaseUnitsPerWh))
                    .ToArray(),
                yearly = effects.Select(static effect => effect.SellerYieldPerYear.Value).ToArray(),
                limits = effects
                    .Select(effect => YieldLedger.AccruedAfter(effect.SellerYieldPerYear, options.YieldTerm).Value)
                    .ToArray(),
                pools = effects.Select(static effect => effect.PoolYield.Value).ToArray(),
            },
            cancellationToken);
    }

    /// <summary>
    /// The chain has settled the matches, even if they had been given up: yields begin to accrue, and what was
    /// delivered is retired, by us where the server holds the buyer's key, by the buyer otherwise. The second time
    /// changes nothing.
    /// </summary>
    internal static async Task SettleAsync(
        NpgsqlTransaction transaction,
        IChainOutbox outbox,
        Guid[] matches,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var burns = await transaction.QueryAsync<Burn>(
            """
            with settled as (
                update match_effects e
                set status = 'settled', decided_at = @now,
                    burn = case when burn_wh = 0 then 'none'
                        when exists (select from managed_wallets m where m.wallet = u.wallet) then 'requested'
                        else 'due' end
                from users u
                where e.match_id = any(@matches) and e.status <> 'settled' and u.id = e.buyer_id
                returning e.match_id, e.burn, e.burn_wh, u.wallet),
            accruing as (
                update yields set status = 'accruing', accrues_from = @now
                where match_id in (select match_id from settled) and status in ('pending', 'void'))
            select match_id as match, wallet, burn_wh as energy from settled where burn = 'requested'
            order by array_position(@matches, match_id)
            """,
            new { matches, now },
            cancellationToken);
        await outbox.EnqueueAsync(
            transaction,
            [.. burns.Select(static burn => new RetireEnergy(
                IntentKinds.IdOf("retire", burn.Match.ToString()), burn.Match, burn.Wallet, burn.Energy))],
            cancellationToken);
    }

    internal static Task<int> VoidAsync(
        NpgsqlTransaction transaction, Guid match, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            with void as (
                update match_effects
                set status = 'void', decided_at = @now, burn = case burn when 'none' then 'none' else 'void' end
                where match_id = @match and status = 'matched'
                returning match_id)
            update yields y set status = 'void' from void where y.match_id = void.match_id
            """,
            new { match, now },
            cancellationToken);

    /// <summary>Carbon is saved by what arrives; a loss on the way saves none.</summary>
    internal static Task<int> LoseAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<Guid> matches,
        IReadOnlyList<WattHours> arriving,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update match_effects e set carbon_grams = l.grams
            from unnest(@matches, @grams) as l (id, grams) where e.match_id = l.id
            """,
            new
            {
                matches = matches.ToArray(),
                grams = arriving.Select(MatchEffects.CarbonGramsOf).ToArray(),
            },
            cancellationToken);
}
