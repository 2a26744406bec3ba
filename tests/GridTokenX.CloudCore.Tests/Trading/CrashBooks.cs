using System.Data;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// What must hold whatever was killed: looked at in one state of the database, while the load goes on. Each look takes
/// the acknowledgements that have come since the one before it.
/// </summary>
internal sealed class CrashBooks(NpgsqlDataSource database, MarketLoad load)
{
    private static readonly CancellationToken None = CancellationToken.None;

    // Each row says what is wrong with what. A match is cleared with its epoch, in one transaction, and settled once.
    private const string Faults =
        """
        select 'an order is filled otherwise than matched: ' || o.id
        from orders o left join (
            select id, sum(energy_wh) as energy from (
                select buy_order as id, energy_wh from matches
                union all select sell_order, energy_wh from matches) each group by id) matched on matched.id = o.id
        where o.filled_wh <> coalesce(matched.energy, 0)
        union all
        select 'buyers'' shares are not their escrow: ' || o.id
        from orders o join matches m on m.buy_order = o.id
        group by o.id having sum(m.buyer_share_ugrx) <> div(o.filled_wh::numeric * o.limit_price, 1000)
        union all
        select 'a match has another value: ' || id from matches
        where value_ugrx <> div(energy_wh::numeric * price, 1000) or value_ugrx > buyer_share_ugrx
        union all
        select 'a match is beyond a limit: ' || m.id
        from matches m join orders b on b.id = m.buy_order join orders s on s.id = m.sell_order
        where m.price > b.limit_price or m.price < s.limit_price or b.owner_id = s.owner_id
        union all
        select 'a match lacks its effects: ' || m.id
        from matches m left join match_effects e on e.match_id = m.id where e.match_id is null
        union all
        select 'a match is cleared without its epoch, or the other way round: ' || m.id
        from matches m join epochs e on e.zone = m.zone and e.number = m.epoch
        left join settlements s on s.match_id = m.id
        where (e.status in ('cleared', 'settled')) <> (s.id is not null)
        union all
        select 'an epoch was cleared with other matches: ' || e.zone || ' ' || e.number
        from epochs e left join matches m on m.zone = e.zone and m.epoch = e.number
        where e.status in ('cleared', 'settled')
        group by e.zone, e.number having e.trades <> count(m.id) or e.volume_wh <> coalesce(sum(m.energy_wh), 0)
        union all
        select 'a settlement moves something else: ' || s.id from settlements s join matches m on m.id = s.match_id
        where (s.energy_wh, s.value_ugrx) <> (m.energy_wh, m.value_ugrx)
            or s.fee_ugrx <> div(m.value_ugrx::numeric * 100, 10000)
        union all
        select 'a settlement is not asked for once: ' || s.id from settlements s
        where (select count(*) from chain_outbox c where c.kind = 'settle_trade' and c.intent_id = s.id) <> 1
        union all
        select 'an order is not asked for once: ' || o.id from orders o
        where (select count(*) from chain_outbox c where c.kind = 'place_order' and c.intent_id = o.id) <> 1
        union all
        select 'an order is not in its journal at its place: ' || o.id
        from orders o left join market_journal j on j.zone = o.zone and j.sequence = o.place
        where o.place is not null and j.order_id is distinct from o.id
        union all
        select 'an order is in the journals twice: ' || order_id from market_journal
        where get_byte(operation, 0) = 1 group by order_id having count(*) > 1
        limit 20
        """;

    private int _placed;
    private int _cancelled;

    internal async Task ShouldHoldAsync()
    {
        var placed = load.Placed.Skip(_placed).Select(static order => order.Order).ToArray();
        var cancelled = load.Cancelled.Skip(_cancelled).ToArray();
        await using (var unit = await database.BeginAsync(None, IsolationLevel.RepeatableRead))
        {
            var transaction = unit.Transaction;
            (await transaction.QueryAsync<Guid>(
                "select * from unnest(@placed) id where not exists (select from orders o where o.id = id.id)",
                new { placed },
                None)).ShouldBeEmpty("acknowledged, and lost");
            (await transaction.QueryAsync<Guid>(
                """
                select * from unnest(@cancelled) id
                where not exists (select from orders o where o.id = id.id and o.status = 'cancelled')
                """,
                new { cancelled },
                None)).ShouldBeEmpty("cancelled, and there again");
            (await transaction.QueryAsync<string>(Faults, null, None)).ShouldBeEmpty();
            foreach (var zone in await transaction.QueryAsync<string>("select zone from market_zones", null, None))
            {
                // The journal since the newest snapshot that was verified, folded, is the book of the live orders.
                var outcome = await new ZoneReplay(transaction, zone, isContinued: true).RunAsync(None);
                outcome.Fault.ShouldBeNull(zone);
            }
        }

        _placed += placed.Length;
        _cancelled += cancelled.Length;
    }
}
