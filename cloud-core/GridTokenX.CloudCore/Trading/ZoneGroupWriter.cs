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
internal sealed class ZoneGroupWriter(string zone, ZoneWriter writer, UnitOfWork unit)
{
    private readonly ZoneRules _rules = writer.Market.Of(zone);

    private readonly NpgsqlTransaction _transaction = unit.Transaction;

    // Orders whose escrow arrives in the same transaction; no row of them says so yet.
    private readonly HashSet<Guid> _held = [];
    private ZoneOrderWriter? _orders;
    private ZoneState? _state;
    private IReadOnlyList<ZoneCommand> _commands = [];
    private ZoneScope _scope;
    private BookTerms? _terms;
    private long _expected;

    // Under the zone's lock nobody clears it.
    private bool _isEpochOpen;

    /// <summary>As it stands after the group, once that is committed; null when there was nothing to do.</summary>
    internal ZoneBook? Book { get; private set; }

    internal string Zone => zone;

    /// <summary>Its gate is open.</summary>
    internal bool IsOpen => _terms is { IsOpen: true };

    internal ZoneOrderWriter Orders => _orders ??= new ZoneOrderWriter(zone, writer, unit, _held);

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
            && await EpochRecords.DueAuctionAsync(_transaction, zone, now, cancellationToken) is { } epoch)
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
            _transaction,
            zone,
            patience,
            scope,
            writer.MarketTime.GetUtcNow(),
            ZoneMarket.MaxGroup,
            cancellationToken);
    }

    /// <summary>
    /// Orders whose escrow arrives in this transaction take their places, without having been in the inbox. The caller
    /// has the zone's lock, has found nothing in its inbox and the present epoch open, and the book is up to date.
    /// </summary>
    /// <param name="book">As this process knows it.</param>
    /// <param name="offered">As it is under the lock.</param>
    /// <param name="orders">Locked; wanted and not expired.</param>
    /// <param name="now">Market time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task<ZoneOutcome> PlaceAsync(
        ZoneBook book,
        OfferedZone offered,
        IReadOnlyList<OrderRow> orders,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        _scope = ZoneScope.All;
        _state = offered;
        _isEpochOpen = offered.EpochStatus is not null;
        _commands = [.. orders.Select(ZoneCommand.Placing)];
        _held.UnionWith(orders.Select(static order => order.Id));
        var group = (await ApplyAsync(book, now, cancellationToken))!;
        return group.IsPlain && (_isEpochOpen || !group.HasMatched)
            ? FinishPlain(group, now)
            : await FinishAsync(group, now, cancellationToken) ?? throw new InvalidOperationException(
                $"The epoch of zone {zone} was cleared under its lock.");
    }

    /// <summary>Nothing is read, and all of it goes with the commit.</summary>
    private ZoneOutcome FinishPlain(ZoneGroup group, DateTimeOffset at)
    {
        var (move, hash) = Moved();
        ZoneRecords.AddMove(unit.Writes, move);
        ComparedChanges.AddLocking(unit.Writes, group);
        ZoneRecords.AddJournal(unit.Writes, zone, group.AllLines, hash);
        var outcome = Orders.AddPlain(Book!, group, at);
        Book!.Forget(group);
        return outcome;
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
            && !await ZoneRecords.HasExpiredAsync(_transaction, zone, now, cancellationToken))
        {
            return null;
        }

        _terms = _scope == ZoneScope.Leaving
            ? null
            : await ZonePrices.TermsAsync(_transaction, _rules, now, cancellationToken);
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
        var (move, hash) = Moved();
        var (locked, isOpen) = await ZoneRecords.MoveAsync(
            _transaction,
            move,
            group.Touched,
            group.HasMatched && !_isEpochOpen ? MarketEpoch.At(at) : null,
            cancellationToken);
        if (!isOpen)
        {
            return null;
        }

        var rows = locked.ToDictionary(
            static order => order.Id, order => _held.Contains(order.Id) ? order.WithEscrow() : order);
        Orders.Check(Book!, group, rows);
        ZoneRecords.AddJournal(unit.Writes, zone, group.AllLines, hash);
        return rows;
    }

    /// <summary>The last step: who asked is answered, and the inbox is cleared.</summary>
    internal async Task CloseAsync(ZoneGroup group, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (group.Left.Count > 0)
        {
            await unit.Writes.FlushAsync(cancellationToken);
            await ZoneRecords.AnswerCancellationsAsync(_transaction, group.Left.Values, at, cancellationToken);
        }

        ZoneRecords.AddClearing(unit.Writes, _commands, group.Left.Keys);
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
            _transaction, zone, instant, ZoneMarket.MaxGroup, cancellationToken);
        _terms = await ZonePrices.TermsAsync(_transaction, _rules, instant, cancellationToken);
        var group = (await OpenAsync(book, cancellationToken)).Apply(_commands, instant, _terms);
        var isComplete = _commands.Count < ZoneMarket.MaxGroup;
        AuctionPrice? price = null;
        if (isComplete)
        {
            price = _terms is { IsOpen: true } ? Book!.Auction(_rules.Rationing) : null;
            Book!.CutBrief();
            await EpochRecords.WriteAuctionAsync(_transaction, zone, epoch.Number, price, now, cancellationToken);
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

    /// <summary>Where the zone is after the group, and the hash of its book's state when that is due.</summary>
    private (ZoneMove Move, byte[]? Hash) Moved()
    {
        var book = Book!;
        var hash = ZoneMarket.IsHashDue(_state?.Hashed ?? 0, book) ? BookBytes.Of(book.StateHash()) : null;
        long? hashed = hash is null ? null : book.Position.Sequence;
        return (new ZoneMove(zone, writer.Writer, _expected, book.Position, hashed), hash);
    }

    private bool IsUpToDate(ZoneBook? book) => writer.HasWritten(_state, book);

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
            _transaction, zone, writer.Writer, kind, writer.Wall.UtcNow, cancellationToken);
        var live = await ZoneRecords.LiveAsync(_transaction, zone, cancellationToken);
        var book = ZoneBook.Restore(
            kind,
            live.Select(static order => (order.Id, order.ToNewOrder())),
            _state?.Position ?? ZonePosition.Empty);
        if (_state is null || BookKind.Parse(_state.Mode) != kind)
        {
            // A replay has to know how the book matches from here on.
            await ZoneSnapshots.AddAsync(
                _transaction, zone, book, writer.Wall.UtcNow, isVerified: _state is null, cancellationToken);
        }

        return book;
    }
}
