using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Trading;

/// <param name="Sequence">In the journal.</param>
/// <param name="Operation">On the book.</param>
/// <param name="Order">Which it is about, when it is about one.</param>
internal readonly record struct JournalLine(long Sequence, BookOperation Operation, Guid? Order);

/// <summary>What a group of commands did to a zone's book: all of it is written, or none.</summary>
/// <param name="after">The journal's last line before it.</param>
internal sealed class ZoneGroup(long after)
{
    // That time passes is worth a line only when something else happens.
    private BookOperation? _beginning;

    /// <summary>The number of the next line.</summary>
    internal long Next { get; private set; } = after + 1;

    internal List<JournalLine> Lines { get; } = [];

    internal List<Match> Matches { get; } = [];

    /// <summary>With their places. A purchase that was refused has none.</summary>
    internal List<(Guid Order, long Place)> Placed { get; } = [];

    /// <summary>Direct purchases; what they did not get is cancelled.</summary>
    internal List<Guid> Purchases { get; } = [];

    /// <summary>
    /// Orders of one matching that is over, and that did not get all; direct purchases are not among them.
    /// </summary>
    internal List<(Guid Order, CancelReason Reason)> Cut { get; } = [];

    internal List<Guid> Expired { get; } = [];

    /// <summary>
    /// That the book would not take; nothing but a full book refuses an order that was accepted here.
    /// </summary>
    internal List<(Guid Order, RejectReason Reason)> Refused { get; } = [];

    /// <summary>Orders that left, by the first command that asked for it.</summary>
    internal Dictionary<Guid, ZoneCommand> Left { get; } = [];

    /// <summary>Energy of matches that were found over several zones, by the orders of this one.</summary>
    internal Dictionary<Guid, WattHours> Across { get; } = [];

    internal bool IsEmpty => Lines.Count == 0 && Placed.Count == 0 && Purchases.Count == 0 && Expired.Count == 0
        && Refused.Count == 0 && Left.Count == 0 && Cut.Count == 0;

    /// <summary>Orders came and matched, and nothing else: no order leaves but by being filled.</summary>
    internal bool IsPlain => Purchases.Count == 0 && Expired.Count == 0 && Refused.Count == 0 && Left.Count == 0
        && Cut.Count == 0 && Across.Count == 0;

    /// <summary>Something of it belongs to the present epoch: matches, or purchases that found nothing.</summary>
    internal bool HasMatched => Matches.Count > 0 || Purchases.Count > 0;

    /// <summary>Every order whose row changes.</summary>
    internal IReadOnlyCollection<Guid> Touched =>
    [
        .. Matches.SelectMany(static match => (Guid[])[match.Bid, match.Ask])
            .Concat(Placed.Select(static placed => placed.Order))
            .Concat(Purchases)
            .Concat(Cut.Select(static cut => cut.Order))
            .Concat(Expired)
            .Concat(Refused.Select(static refused => refused.Order))
            .Concat(Left.Keys)
            .Concat(Across.Keys)
            .Distinct(),
    ];

    /// <summary>Energy of each order that was matched.</summary>
    internal Dictionary<Guid, WattHours> Matched()
    {
        var matched = new Dictionary<Guid, WattHours>(Across);
        foreach (var match in Matches)
        {
            matched[match.Bid] = matched.GetValueOrDefault(match.Bid) + match.Energy;
            matched[match.Ask] = matched.GetValueOrDefault(match.Ask) + match.Energy;
        }

        return matched;
    }

    /// <summary>With this it begins, should anything happen in it. Takes the number of a line at once.</summary>
    internal void Begin(BookOperation operation)
    {
        _beginning = operation;
        Next++;
    }

    internal void Write(BookOperation operation, Guid? order) => Lines.Add(new JournalLine(Next++, operation, order));

    /// <summary>Every line, in order.</summary>
    internal IReadOnlyList<JournalLine> AllLines =>
        _beginning is { } first && !IsEmpty ? [new JournalLine(after + 1, first, null), .. Lines] : Lines;
}
