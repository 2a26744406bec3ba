using Dapper;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>The one zone of orders whose escrows have arrived, under its lock.</summary>
internal sealed record OfferedZone : ZoneState
{
    public required string Zone { get; init; }

    /// <summary>Nothing waits for its writer.</summary>
    public required bool IsIdle { get; init; }

    /// <summary>Of the present epoch; null when it has none yet.</summary>
    public required string? EpochStatus { get; init; }

    internal bool IsFree => IsIdle && (EpochStatus is null || MatchRecords.IsOpen(EpochStatus));
}

/// <summary>Orders that events of the chain name, and know by their owners' wallets and numbers.</summary>
internal static class ArrivedOrders
{
    private const string Locking =
        OrderRow.Select +
        """
         where (u.wallet, o.chain_order_id) in (select * from unnest(@wallets, @numbers))
        order by o.sequence for update of o
        """;

    // The server itself carries the zone's name from one statement to the next, so that all of them are one trip. The
    // zone's row is read after its lock is taken: before, another writer could move it on in between.
    private const string LockingWithZone =
        $"""
        select named.*, set_config('gridtokenx.zone',
            case when min(zone) over () = max(zone) over () then zone else '' end, true)
        from ({Locking}) named
        order by sequence;
        select pg_try_advisory_xact_lock(hashtextextended('zone ' || current_setting('gridtokenx.zone', true), 0));
        select set_config('idle_in_transaction_session_timeout', @milliseconds, true);
        select zone, writer, sequence, accepted, ticks, dynamic_price, mode, hashed,
               not exists (select from market_inbox i where i.zone = z.zone) as is_idle,
               (select status from epochs e where e.zone = z.zone and e.number = @epoch) as epoch_status
        from market_zones z where zone = current_setting('gridtokenx.zone', true)
        """;

    /// <summary>The orders of these events that we know, locked in the order that everybody keeps.</summary>
    internal static Task<IReadOnlyList<OrderRow>> LockAsync(
        NpgsqlTransaction transaction, IReadOnlyList<IndexedEvent> events, CancellationToken cancellationToken)
    {
        var (wallets, numbers) = NamesOf(events);
        return transaction.QueryAsync<OrderRow>(Locking, new { wallets, numbers }, cancellationToken);
    }

    /// <summary>
    /// The same, and their zone, when all are of one and nobody else has its lock at this moment; it is not waited for.
    /// </summary>
    internal static async Task<(IReadOnlyList<OrderRow> Orders, OfferedZone? Zone)> LockWithZoneAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<IndexedEvent> events,
        MarketEpoch epoch,
        CancellationToken cancellationToken)
    {
        var (wallets, numbers) = NamesOf(events);
        await using var results = await transaction.Connection!.QueryMultipleAsync(new CommandDefinition(
            LockingWithZone,
            new
            {
                wallets,
                numbers,
                milliseconds = ZoneLock.MillisecondsOf(ZoneLock.Patience),
                epoch = epoch.Number,
            },
            transaction,
            cancellationToken: cancellationToken));
        var orders = (await results.ReadAsync<OrderRow>()).AsList();
        var isLocked = await results.ReadFirstAsync<bool?>();
        _ = await results.ReadFirstAsync<string>();
        var zone = await results.ReadFirstOrDefaultAsync<OfferedZone>();
        return (orders, isLocked == true ? zone : null);
    }

    private static (byte[][] Wallets, long[] Numbers) NamesOf(IReadOnlyList<IndexedEvent> events)
    {
        var named = events.SelectMany(static indexed => NamesOf(indexed.Event))
            .Where(static order => order.OrderId is > 0 and <= long.MaxValue)
            .Distinct()
            .ToList();
        return (
            named.ConvertAll(static order => order.Wallet.ToArray()).ToArray(),
            named.ConvertAll(static order => (long)order.OrderId).ToArray());
    }

    private static (Key32 Wallet, ulong OrderId)[] NamesOf(ProgramEvent @event) => @event switch
    {
        OrderCreated created => [(created.Owner.ToKey32(), created.OrderId)],
        OrderCancelled cancelled => [(cancelled.Owner.ToKey32(), cancelled.OrderId)],
        TradeExecuted trade =>
            [(trade.Seller.ToKey32(), trade.SellOrderId), (trade.Buyer.ToKey32(), trade.BuyOrderId)],
        _ => [],
    };
}
