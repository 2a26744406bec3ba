using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>What the writers of all zones need.</summary>
/// <param name="Writer">Names this process, anew with each start.</param>
/// <param name="Feed">Hears of every commit.</param>
internal sealed record ZoneWriter(
    Guid Writer,
    NpgsqlDataSource Database,
    IChainOutbox Outbox,
    TimeProvider MarketTime,
    WallTime Wall,
    TradingOptions Trading,
    MarketRules Market,
    ILogger Logger,
    IMarketFeed? Feed = null)
{
    /// <summary>The book stands where the zone's row says, and it is this process that has brought it there.</summary>
    internal bool HasWritten(ZoneState? state, ZoneBook? book) =>
        state?.Writer == Writer && book?.Position.Sequence == state.Sequence;
}

/// <summary>What a run of a zone's writer has done.</summary>
/// <param name="Matched">Matches, and orders of one matching that did not get all.</param>
/// <param name="Left">Orders that were cancelled or withdrawn.</param>
/// <param name="Expired">Orders whose time was over.</param>
/// <param name="Auctions">That were held.</param>
internal readonly record struct ZoneOutcome(int Matched, int Left, int Expired, int Auctions = 0)
{
    public static ZoneOutcome operator +(ZoneOutcome one, ZoneOutcome other) => new(
        one.Matched + other.Matched,
        one.Left + other.Left,
        one.Expired + other.Expired,
        one.Auctions + other.Auctions);
}

/// <summary>
/// A zone's writer: the book in memory, and the one way in which it changes. A group of commands is taken from the
/// inbox, applied to the book, and written with all that follows from it in one database transaction. Before the
/// commit nothing is visible; after a failed one the book is thrown away and comes back from the database. One call at
/// a time.
/// </summary>
internal sealed class ZoneMarket(string zone, ZoneWriter writer)
{
    internal string Zone => zone;

    /// <summary>Commands of one transaction.</summary>
    internal const int MaxGroup = 5_000;

    // A line with a state hash at least so often; the hash costs as much as the book has orders.
    private const int LinesBetweenHashes = 1_000;

    private ZoneBook? _book;
    private long _wroteAt;

    /// <summary>Wall time of this process's last commit.</summary>
    internal DateTimeOffset WroteAt => new(Interlocked.Read(ref _wroteAt), TimeSpan.Zero);

    /// <summary>
    /// The book as this process knows it. Whoever takes it puts it back after his commit; else it comes anew from the
    /// database.
    /// </summary>
    internal ZoneBook? TakeBook()
    {
        var book = _book;
        _book = null;
        return book;
    }

    internal void PutBook(ZoneBook? book) => _book = book;

    /// <summary>What was written is committed.</summary>
    internal void Wrote()
    {
        _ = Interlocked.Exchange(ref _wroteAt, writer.Wall.UtcNow.UtcTicks);
        writer.Outbox.Wake();
        writer.Feed?.Changed();
    }

    internal async Task<ZoneOutcome> RunAsync(ZoneScope scope, CancellationToken cancellationToken)
    {
        var total = default(ZoneOutcome);
        while (true)
        {
            if (await RunGroupAsync(scope, cancellationToken) is not { } group)
            {
                // The present epoch is cleared: there is no matching in it any more, but what leaves may leave.
                scope = ZoneScope.Leaving;
                continue;
            }

            total += group.Outcome;
            if (group.Auction is { } held)
            {
                total += new ZoneOutcome(0, 0, 0, Auctions: 1);
                Log.AuctionHeld(
                    writer.Logger,
                    held.Epoch.Number,
                    zone,
                    held.Matches,
                    held.Price?.Volume.Value ?? 0,
                    held.Price?.Price.Value);
            }

            if (!group.HasMore)
            {
                return total;
            }
        }
    }

    private async Task<GroupResult?> RunGroupAsync(ZoneScope scope, CancellationToken cancellationToken)
    {
        ZoneGroupWriter? group = null;
        var written = await writer.Database.TryTransactAsync(
            async unit =>
            {
                // Until the commit nobody knows whether the book is still what the database says: another attempt
                // reads it anew.
                group = new ZoneGroupWriter(zone, writer, unit);
                return await group.WriteAsync(TakeBook(), scope, ZoneLock.Patience, cancellationToken);
            },
            cancellationToken);
        if (written is null)
        {
            return null;
        }

        PutBook(group!.Book);
        if (written.HasWritten)
        {
            Wrote();
        }

        return written;
    }

    /// <summary>
    /// In the transaction in which the orders' escrows arrive; false when this process has not been the last to write
    /// to the zone. What is written counts, and the book is put back, when that transaction is committed.
    /// </summary>
    internal async Task<bool> TryPlaceAsync(
        UnitOfWork unit,
        OfferedZone offered,
        IReadOnlyList<OrderRow> orders,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (!writer.HasWritten(offered, _book))
        {
            return false;
        }

        var group = new ZoneGroupWriter(zone, writer, unit);
        unit.OnEnd(isCommitted =>
        {
            if (isCommitted)
            {
                PutBook(group.Book);
                Wrote();
            }
        });
        _ = await group.PlaceAsync(TakeBook()!, offered, orders, now, cancellationToken);

        // Of arrivals alone the commit waits for no disk; a match is told to everybody, and must be there for good.
        unit.Writes.Add("set local synchronous_commit to default");
        return true;
    }

    internal static bool IsHashDue(long hashed, ZoneBook book) =>
        book.Position.Sequence - hashed >= Math.Max(LinesBetweenHashes, book.Count);
}
