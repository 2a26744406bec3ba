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

    /// <param name="ids">Of the matches, which the same transaction has written.</param>
    /// <param name="matches">In the same order.</param>
    /// <param name="options">Of the deployment.</param>
    internal static NpgsqlBatchCommand Writing(
        IReadOnlyList<Guid> ids, IReadOnlyList<Match> matches, MarketOptions options)
    {
        var effects = matches
            .Select(match => MatchEffects.Of(match.Energy, match.Value, options.BurnOnSettlement))
            .ToArray();
        return new NpgsqlBatchCommand(
            """
            with input as (
                select * from unnest($1, $2, $3, $4, $5, $6, $7, $8) with ordinality
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
            """)
        {
            Parameters =
            {
                PendingWrites.Value(ids.ToArray()),
                PendingWrites.Column(matches, static match => match.Bid),
                PendingWrites.Column(matches, static match => match.Ask),
                PendingWrites.Column(effects, static effect => effect.CarbonGrams),
                PendingWrites.Column(
                    effects, static effect => (long)(effect.Retired / WattHours.GridBaseUnitsPerWh)),
                PendingWrites.Column(effects, static effect => effect.SellerYieldPerYear.Value),
                PendingWrites.Column(
                    effects,
                    effect => YieldLedger.AccruedAfter(effect.SellerYieldPerYear, options.YieldTerm).Value),
                PendingWrites.Column(effects, static effect => effect.PoolYield.Value),
            },
        };
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
