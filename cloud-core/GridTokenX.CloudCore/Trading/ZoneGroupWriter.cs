using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>The auction of an epoch, as it was held.</summary>
internal sealed record HeldAuction(MarketEpoch Epoch, int Matches, AuctionPrice? Price);

/// <summary>What a group has come to.</summary>
/// <param name="Outcome">What it did.</param>
/// <param name="HasWritten">Anything at all.</param>
/// <param name="HasMore">There may be more to do at once.</param>
/// <param name="Auction">That it held; null when it held none.</param>
internal sealed record GroupResult(
    ZoneOutcome Outcome, bool HasWritten = false, bool HasMore = false, HeldAuction? Auction = null);

/// <summary>One group of commands in its database transaction: read, applied to the book, written.</summary>
internal sealed class ZoneGroupWriter(string zone, ZoneWriter writer, NpgsqlTransaction transaction)
{
    private readonly ZoneRules _rules = writer.Market.Of(zone);

    private ZoneOrderWriter? _orders;
    private ZoneState? _state;
    private IReadOnlyList<ZoneCommand> _commands = [];
    private ZoneScope _scope;
    private BookTerms? _terms;
    private long _expected;

    /// <summary>As it stands after the group, once that is committed; null when there was nothing to do.</summary>
    internal ZoneBook? Book { get; private set; }

    internal string Zone => zone;

    /// <summary>Its gate is open.</summary>
    internal bool IsOpen => _terms is { IsOpen: true };

    /// <summary>What is to be written still, at the latest with the commit.</summary>
    internal PendingWrites Writes { get; } = new(transaction);

    internal ZoneOrderWriter Orders => _orders ??= new ZoneOrderWriter(zone, writer, transaction, Writes);

    /// <summary>There is something to write.</summary>
    internal bool HasWork(ZoneGroup group) => !group.IsEmpty || _commands.Count > 0;

    /// <summary>
    /// Null when the present epoch is cleared already: nothing of it may be committed then. Else what is pending is
    /// committed with it. An auction that is due comes before anything else.
    /// </summary>
    internal async Task<GroupResult?> WriteAsync(
        ZoneBook? book, ZoneScope scope, TimeSpan patience, CancellationToken cancellationToken)
    {
        await TakeAsync(scope, patience, cancellationToken);

        // The lock may have been long in coming.
        var now = writer.MarketTime.GetUtcNow();
        if (_rules.Rule == ClearingRule.CallAuction
            && await EpochRecords.DueAuctionAsync(transaction, zone, now, cancellationToken) is { } epoch)
        {
            return await HoldAsync(book, epoch, now, cancellationToken);
        }

        var group = await ApplyAsync(book, now, cancellationToken);
        if (group is null || !HasWork(group))
        {
            return new GroupResult(default);
        }

        return await FinishAsync(group, now, cancellationToken) is { } outcome
            ? new GroupResult(outcome, HasWritten: true, HasMore: _commands.Count == ZoneMarket.MaxGroup)
            : null;
    }

    /// <summary>Nobody else writes to the zone until the transaction ends; then its inbox is read.</summary>
    internal async Task TakeAsync(ZoneScope scope, TimeSpan patience, CancellationToken cancellationToken)
    {
        _scope = scope;
        (_state, _commands) = await ZoneRecords.TakeAsync(
            transaction,
            zone,
            patience,
            scope,
            writer.MarketTime.GetUtcNow(),
            ZoneMarket.MaxGroup,
            cancellationToken);
    }

    /// <summary>Applies the inbox to the book; null when there is nothing to do.</summary>
    /// <param name="book">As this process knows it.</param>
    /// <param name="now">Market time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task<ZoneGroup?> ApplyAsync(
        ZoneBook? book, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Another process has been here, and nobody has come since: its book need not be read. Where a price, a gate or
        // another zone decides, a cycle may find matches all the same.
        var needsCommands = _scope == ZoneScope.Leaving
            || (_scope == ZoneScope.All && _rules is { AreConditional: false, IsLinked: false });
        if (!IsUpToDate(book) && _commands.Count == 0 && needsCommands
            && !await ZoneRecords.HasExpiredAsync(transaction, zone, now, cancellationToken))
        {
            return null;
        }

        _terms = _scope == ZoneScope.Leaving
            ? null
            : await ZonePrices.TermsAsync(transaction, _rules, now, cancellationToken);
        return (await OpenAsync(book, cancellationToken)).Apply(_commands, now, _terms);
    }

    /// <summary>Writes what the group did. Null when the present epoch is cleared already.</summary>
    internal async Task<ZoneOutcome?> FinishAsync(
        ZoneGroup group, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (await MoveAsync(group, at, cancellationToken) is not { } rows)
        {
            return null;
        }

        var outcome = await Orders.WriteAsync(group, rows, at, writer.MarketTime.GetUtcNow(), cancellationToken);
        await CloseAsync(group, at, cancellationToken);
        return outcome;
    }

    /// <summary>
    /// The zone moves on, if nobody else has moved it. The rows of the group's orders, locked and compared with the
    /// book; null when the present epoch is cleared already.
    /// </summary>
    internal async Task<Dictionary<Guid, OrderRow>?> MoveAsync(
        ZoneGroup group, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var book = Book!;
        var hash = ZoneMarket.IsHashDue(_state?.Hashed ?? 0, book) ? BookBytes.Of(book.StateHash()) : null;
        var (locked, isOpen) = await ZoneRecords.MoveAsync(
            transaction,
            new ZoneMove(
                zone, writer.Writer, _expected, book.Position, hash is null ? null : book.Position.Sequence),
            group.Touched,
            group.HasMatched ? MarketEpoch.At(at) : null,
            cancellationToken);
        if (!isOpen)
        {
            return null;
        }

        var rows = locked.ToDictionary(static order => order.Id);
        Orders.Check(book, group, rows);
        ZoneRecords.AddJournal(Writes, zone, group.AllLines, hash);
        return rows;
    }

    /// <summary>The last step: who asked is answered, and the inbox is cleared.</summary>
    internal async Task CloseAsync(ZoneGroup group, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (group.Left.Count > 0)
        {
            await Writes.FlushAsync(cancellationToken);
            await ZoneRecords.AnswerCancellationsAsync(transaction, group.Left.Values, at, cancellationToken);
        }

        ZoneRecords.AddClearing(Writes, _commands, group.Left.Keys);
        Book!.Forget(group);
    }

    /// <summary>
    /// The epoch's auction at its last instant, with the orders that were there then, whatever the time is now. Orders
    /// too many for one transaction take their places in groups before.
    /// </summary>
    private async Task<GroupResult?> HoldAsync(
        ZoneBook? book, MarketEpoch epoch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var instant = AuctionWorker.InstantOf(epoch);
        _commands = await ZoneRecords.AuctionInboxAsync(
            transaction, zone, instant, ZoneMarket.MaxGroup, cancellationToken);
        _terms = await ZonePrices.TermsAsync(transaction, _rules, instant, cancellationToken);
        var group = (await OpenAsync(book, cancellationToken)).Apply(_commands, instant, _terms);
        var isComplete = _commands.Count < ZoneMarket.MaxGroup;
        AuctionPrice? price = null;
        if (isComplete)
        {
            price = _terms is { IsOpen: true } ? Book!.Auction(_rules.Rationing) : null;
            Book!.CutBrief();
            await EpochRecords.WriteAuctionAsync(transaction, zone, epoch.Number, price, now, cancellationToken);
        }

        if (!HasWork(group))
        {
            return new GroupResult(default, HasWritten: true, HasMore: true, new HeldAuction(epoch, 0, null));
        }

        var held = isComplete ? new HeldAuction(epoch, group.Matches.Count, price) : null;
        return await FinishAsync(group, instant, cancellationToken) is { } outcome
            ? new GroupResult(outcome, HasWritten: true, HasMore: true, held)
            : null;
    }

    private bool IsUpToDate(ZoneBook? book) =>
        _state?.Writer == writer.Writer && book?.Position.Sequence == _state.Sequence;

    private async Task<ZoneBook> OpenAsync(ZoneBook? book, CancellationToken cancellationToken)
    {
        Book = IsUpToDate(book) ? book! : await ClaimAsync(cancellationToken);
        _expected = Book.Position.Sequence;
        return Book;
    }

    /// <summary>The book as the database has it, ours from now on.</summary>
    private async Task<ZoneBook> ClaimAsync(CancellationToken cancellationToken)
    {
        var kind = BookKind.Of(_rules, writer.Trading);
        await ZoneRecords.ClaimAsync(
            transaction, zone, writer.Writer, kind, writer.Wall.UtcNow, cancellationToken);
        var live = await ZoneRecords.LiveAsync(transaction, zone, cancellationToken);
        var book = ZoneBook.Restore(
            kind,
            live.Select(static order => (order.Id, order.ToNewOrder())),
            _state?.Position ?? ZonePosition.Empty);
        if (_state is null || BookKind.Parse(_state.Mode) != kind)
        {
            // A replay has to know how the book matches from here on.
            await ZoneSnapshots.AddAsync(
                transaction, zone, book, writer.Wall.UtcNow, isVerified: _state is null, cancellationToken);
        }

        return book;
    }
}
