using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Matching;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>A book as it stood after a line of its zone's journal.</summary>
internal sealed record ZoneSnapshot
{
    public required long Sequence { get; init; }

    public required long Accepted { get; init; }

    public required long Ticks { get; init; }

    public required long DynamicPrice { get; init; }

    public required string Mode { get; init; }

    public required byte[] Orders { get; init; }

    public required byte[] StateHash { get; init; }
}

internal static class ZoneSnapshots
{
    private const string Columns = "sequence, accepted, ticks, dynamic_price, mode, orders, state_hash";

    /// <summary>A snapshot after the same line is replaced: how the book goes on may be new.</summary>
    internal static Task AddAsync(
        NpgsqlTransaction transaction,
        string zone,
        ZoneBook book,
        DateTimeOffset wallTime,
        bool isVerified,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into market_snapshots
                (zone, sequence, accepted, ticks, dynamic_price, mode, orders, state_hash, taken_at, verified)
            values (@zone, @Sequence, @Accepted, @Ticks, @DynamicPrice, @mode, @orders, @stateHash, @wallTime,
                @isVerified)
            on conflict (zone, sequence) do update
            set mode = excluded.mode, verified = market_snapshots.verified or excluded.verified
            """,
            new
            {
                zone,
                book.Position.Sequence,
                book.Position.Accepted,
                book.Position.Ticks,
                book.Position.DynamicPrice,
                mode = book.Kind.Name,
                orders = BookBytes.Of(book.Orders()),
                stateHash = BookBytes.Of(book.StateHash()),
                wallTime,
                isVerified,
            },
            cancellationToken);

    /// <summary>By sequence.</summary>
    internal static Task<IReadOnlyList<ZoneSnapshot>> AllAsync(
        NpgsqlTransaction transaction, string zone, CancellationToken cancellationToken) =>
        transaction.QueryAsync<ZoneSnapshot>(
            $"select {Columns} from market_snapshots where zone = @zone order by sequence",
            new { zone },
            cancellationToken);

    /// <summary>By sequence, from the newest that a replay has come to; all where none has.</summary>
    internal static Task<IReadOnlyList<ZoneSnapshot>> SinceVerifiedAsync(
        NpgsqlTransaction transaction, string zone, CancellationToken cancellationToken) =>
        transaction.QueryAsync<ZoneSnapshot>(
            $"""
            select {Columns} from market_snapshots
            where zone = @zone and sequence >= coalesce(
                (select max(sequence) from market_snapshots where zone = @zone and verified), 0)
            order by sequence
            """,
            new { zone },
            cancellationToken);

    /// <summary>Its orders have no names: those are in the table of orders.</summary>
    internal static OrderBook<SilentListener> Open(ZoneSnapshot snapshot)
    {
        var book = new OrderBook<SilentListener>(BookKind.Parse(snapshot.Mode).Rules, default);
        book.SetDynamicPrice(ZonePosition.PriceOf(snapshot.DynamicPrice));
        foreach (var order in BookBytes.Orders(snapshot.Orders))
        {
            _ = book.Restore(order);
        }

        book.ContinueAfter(snapshot.Accepted);
        book.AdvanceTo(new MarketTime(snapshot.Ticks));
        return book;
    }
}
