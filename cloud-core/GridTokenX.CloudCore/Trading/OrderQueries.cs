using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

internal static class OrderQueries
{
    internal static Task<OrderRow?> FindAsync(
        NpgsqlTransaction transaction, Guid order, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<OrderRow>(
            OrderRow.Select + " where o.id = @order", new { order }, cancellationToken);

    internal static Task<OrderRow?> FindAsync(
        NpgsqlDataSource database, Guid order, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<OrderRow>(
            OrderRow.Select + " where o.id = @order", new { order }, cancellationToken);

    internal static Task<IReadOnlyList<OrderRow>> FindAsync(
        NpgsqlTransaction transaction, Guid[] orders, CancellationToken cancellationToken) =>
        transaction.QueryAsync<OrderRow>(
            OrderRow.Select + " where o.id = any(@orders)", new { orders }, cancellationToken);

    /// <summary>Locks rows, with <c>@ids</c>, in the order that everybody keeps: by sequence.</summary>
    internal const string Locking =
        OrderRow.Select + " where o.id = any(@ids) order by o.sequence for update of o";

    internal static Task<IReadOnlyList<OrderRow>> LockAsync(
        NpgsqlTransaction transaction, IReadOnlyCollection<Guid> orders, CancellationToken cancellationToken) =>
        transaction.QueryAsync<OrderRow>(Locking, new { ids = orders.ToArray() }, cancellationToken);

    internal static Task<IReadOnlyList<string>> LiveZonesAsync(
        NpgsqlDataSource database, CancellationToken cancellationToken) =>
        database.QueryAsync<string>(
            "select distinct zone from orders where status in ('active', 'partially_filled') order by zone",
            null,
            cancellationToken);

    /// <summary>
    /// Live and not yet expired, best first: highest bids, lowest asks, then by arrival; both sides in turn when no
    /// side is named. Direct purchases and orders of one matching are no offers to anybody, and are left out.
    /// </summary>
    internal static Task<IReadOnlyList<OrderRow>> ListedAsync(
        NpgsqlDataSource database,
        string? zone,
        string? side,
        Listed shown,
        int limit,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        database.QueryAsync<OrderRow>(
            $"""
            select * from (
                {OrderRow.Select}
                where o.status in ('active', 'partially_filled') and o.target_order is null and o.time_in_force = 'gtc'
                  and o.expires_at > @now
                  and (@zone::text is null or o.zone = @zone) and (@side::text is null or o.side = @side)
                  and case o.side when 'buy' then (-o.limit_price, o.sequence) > (-@BidPrice, @BidSequence)
                                  else (o.limit_price, o.sequence) > (@AskPrice, @AskSequence) end
            ) listed
            order by row_number() over (
                partition by side order by case side when 'buy' then -limit_price else limit_price end, sequence), side
            limit @limit
            """,
            new
            {
                zone,
                side,
                limit,
                now,
                BidPrice = shown.Bid.Price,
                BidSequence = shown.Bid.Sequence,
                AskPrice = shown.Ask.Price,
                AskSequence = shown.Ask.Sequence,
            },
            cancellationToken);
}

/// <summary>Up to where the offers of both sides were shown: a list goes on behind it, whatever came.</summary>
internal sealed record Listed((long Price, long Sequence) Bid, (long Price, long Sequence) Ask)
{
    private const string List = "active";

    /// <summary>Null when it is no cursor of this list; without one it is the beginning.</summary>
    internal static Listed? Read(string? cursor)
    {
        long[] position = [long.MaxValue, 0, 0, 0];
        return Cursor.TryRead(cursor, List, position) && Array.TrueForAll(position, static part => part >= 0)
            ? new Listed((position[0], position[1]), (position[2], position[3]))
            : null;
    }

    internal Listed With(IReadOnlyList<OrderRow> page) => new(
        LastOf(page, OrderSide.Buy) ?? Bid, LastOf(page, OrderSide.Sell) ?? Ask);

    internal string ToCursor() => Cursor.Of(List, Bid.Price, Bid.Sequence, Ask.Price, Ask.Sequence);

    private static (long Price, long Sequence)? LastOf(IReadOnlyList<OrderRow> page, string side) =>
        page.LastOrDefault(order => order.Side == side) is { } last ? (last.LimitPrice.Value, last.Sequence) : null;
}
