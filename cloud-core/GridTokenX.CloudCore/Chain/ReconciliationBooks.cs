using System.Runtime.CompilerServices;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <param name="MintedGrid">Base units, by events.</param>
/// <param name="RetiredGrid">Base units, by events.</param>
/// <param name="SettledWh">Of all meters, by events.</param>
/// <param name="MintsWh">Completed.</param>
/// <param name="GrantedGrx">µGRX, completed.</param>
/// <param name="Fees">µGRX, by events.</param>
/// <param name="SettlementFees">µGRX, completed.</param>
internal sealed record BookTotals(
    decimal MintedGrid,
    decimal RetiredGrid,
    decimal SettledWh,
    decimal MintsWh,
    decimal GrantedGrx,
    decimal Fees,
    decimal SettlementFees);

/// <summary>What the order's account says, if it is held: in the chain's units.</summary>
internal sealed record BookedOrder(
    Guid Id,
    Key32 Owner,
    ulong ChainOrderId,
    bool IsHeld,
    bool IsSell,
    decimal Amount,
    decimal Price,
    decimal Filled,
    decimal Escrowed,
    long ExpiresAt,
    Key32 RentPayer);

internal sealed record BookedMeter(
    string MeterId, Key32 Owner, Key32 Device, bool IsRegistered, decimal SettledWh, decimal MintedWh);

/// <param name="Wallet">Whose.</param>
/// <param name="Grid">Base units.</param>
/// <param name="Grx">µGRX.</param>
internal sealed record BookedWallet(Key32 Wallet, decimal Grid, decimal Grx);

/// <param name="Open">Transactions under way, or whose events are not applied.</param>
/// <param name="Closed">Transactions answered so far.</param>
/// <param name="Events">Events so far.</param>
internal readonly record struct BookProgress(int Open, long Closed, long Events);

/// <summary>What the database says that the chain should hold; read row by row.</summary>
internal sealed class ReconciliationBooks(UnitOfWork unit)
{
    public async Task<BookProgress> ProgressAsync(CancellationToken cancellationToken)
    {
        await using var reader = await ReadAsync(
            """
            select (select count(*) from chain_outbox
                    where status in ('pending', 'sent') or (status = 'confirmed' and not indexed))
                    + (select count(*) from chain_events where not applied),
                (select count(*) from chain_outbox where status = 'confirmed'),
                (select count(*) from chain_events)
            """,
            cancellationToken);
        _ = await reader.ReadAsync(cancellationToken);
        return new BookProgress(checked((int)reader.GetInt64(0)), reader.GetInt64(1), reader.GetInt64(2));
    }

    public async Task<BookTotals> TotalsAsync(CancellationToken cancellationToken)
    {
        await using var reader = await ReadAsync(
            """
            select
                coalesce(sum((event->>'settled')::numeric) filter (where kind = 'meter_balance_settled'
                    and (event->>'minted')::boolean), 0) * 1000000,
                coalesce(sum((event->>'amount')::numeric) filter (where kind = 'tokens_retired'), 0),
                coalesce(sum((event->>'settled')::numeric) filter (where kind = 'meter_balance_settled'), 0),
                (select coalesce(sum(to_net_wh - from_net_wh), 0)::numeric from mints where status = 'completed'),
                (select coalesce(sum((intent->>'amount')::numeric), 0) from chain_outbox
                    where status = 'confirmed' and kind = 'grant_money'),
                coalesce(sum((event->>'fee')::numeric) filter (where kind = 'trade_executed'), 0),
                (select coalesce(sum(fee_ugrx), 0)::numeric from settlements where status = 'completed')
            from chain_events
            where kind in ('meter_balance_settled', 'tokens_retired', 'trade_executed')
            """,
            cancellationToken);
        _ = await reader.ReadAsync(cancellationToken);
        return new BookTotals(
            reader.GetDecimal(0),
            reader.GetDecimal(1),
            reader.GetDecimal(2),
            reader.GetDecimal(3),
            reader.GetDecimal(4),
            reader.GetDecimal(5),
            reader.GetDecimal(6));
    }

    public async IAsyncEnumerable<BookedOrder> OrdersAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await ReadAsync(
            """
            select o.id, u.wallet, o.chain_order_id, o.escrow in ('held', 'releasing'), o.side = 'sell',
                o.energy_wh::numeric * 1000000, o.limit_price::numeric, o.settled_wh::numeric * 1000000,
                case o.side
                    when 'sell' then (o.energy_wh - o.settled_wh)::numeric * 1000000
                    else div(o.energy_wh * o.limit_price::numeric, 1000)
                        - div(o.settled_wh * o.limit_price::numeric, 1000) end,
                extract(epoch from o.chain_expires_at)::bigint, o.rent_payer
            from orders o join users u on u.id = o.owner_id
            """,
            cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new BookedOrder(
                reader.GetGuid(0),
                Key(reader, 1),
                checked((ulong)reader.GetInt64(2)),
                reader.GetBoolean(3),
                reader.GetBoolean(4),
                reader.GetDecimal(5),
                reader.GetDecimal(6),
                reader.GetDecimal(7),
                reader.GetDecimal(8),
                reader.GetInt64(9),
                Key(reader, 10));
        }
    }

    public async IAsyncEnumerable<BookedMeter> MetersAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await ReadAsync(
            """
            select m.meter_id, u.wallet, coalesce(m.chain_device, m.device), m.registered_on_chain_at is not null,
                m.chain_settled_wh::numeric,
                (select coalesce(sum(to_net_wh - from_net_wh), 0)::numeric from mints
                    where mints.meter_id = m.meter_id and status = 'completed')
            from meters m join users u on u.id = m.owner_id
            """,
            cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new BookedMeter(
                reader.GetString(0),
                Key(reader, 1),
                Key(reader, 2),
                reader.GetBoolean(3),
                reader.GetDecimal(4),
                reader.GetDecimal(5));
        }
    }

    /// <summary>
    /// By the events and grants. What a buyer gets back at settlements is no field of theirs: the shares of an order's
    /// escrow that its fills have used add up to floor(filled × limit), less what was paid of it.
    /// </summary>
    public async IAsyncEnumerable<BookedWallet> WalletsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = await ReadAsync(
            """
            with trades as (
                select event->>'seller' as seller, event->>'buyer' as buyer, event->>'buy_order_id' as buy_order,
                    (event->>'amount')::numeric as amount, (event->>'value')::numeric as value,
                    (event->>'fee')::numeric as fee, slot
                from chain_events where kind = 'trade_executed'),
            used as (
                select t.buyer, o.price, sum(t.amount) as filled, sum(t.value) as value
                from trades t cross join lateral (
                    select c.signature, c.position, (c.event->>'price')::numeric as price from chain_events c
                    where c.kind = 'order_created' and c.event->>'owner' = t.buyer
                        and c.event->>'order_id' = t.buy_order and c.slot <= t.slot
                    order by c.slot desc limit 1) o
                where t.buy_order <> '0'
                group by t.buyer, o.signature, o.position, o.price),
            moves (wallet, grid, grx) as (
                select event->>'owner', (event->>'settled')::numeric * 1000000, 0 from chain_events
                    where kind = 'meter_balance_settled' and (event->>'minted')::boolean
                union all select event->>'owner', -(event->>'amount')::numeric, 0 from chain_events
                    where kind = 'tokens_retired'
                union all select event->>'owner',
                    case event->>'side' when 'sell' then -(event->>'amount')::numeric else 0 end,
                    case event->>'side' when 'buy'
                        then -div((event->>'amount')::numeric * (event->>'price')::numeric, 1000000000) else 0 end
                    from chain_events where kind = 'order_created'
                union all select event->>'owner',
                    case event->>'side' when 'sell' then (event->>'refunded')::numeric else 0 end,
                    case event->>'side' when 'buy' then (event->>'refunded')::numeric else 0 end
                    from chain_events where kind = 'order_cancelled'
                union all select buyer, amount, case buy_order when '0' then -value else 0 end from trades
                union all select seller, 0, value - fee from trades
                union all select buyer, 0, div(filled * price, 1000000000) - value from used
                union all select intent->>'wallet', 0, (intent->>'amount')::numeric from chain_outbox
                    where kind = 'grant_money' and status = 'confirmed')
            select wallet, sum(grid), sum(grx) from moves group by wallet order by wallet
            """,
            cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new BookedWallet(
                Key32.Parse(reader.GetString(0)), reader.GetDecimal(1), reader.GetDecimal(2));
        }
    }

    private static Key32 Key(NpgsqlDataReader reader, int column) => new(reader.GetFieldValue<byte[]>(column));

    private async Task<NpgsqlDataReader> ReadAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, unit.Connection, unit.Transaction);
        return await command.ExecuteReaderAsync(cancellationToken);
    }
}
