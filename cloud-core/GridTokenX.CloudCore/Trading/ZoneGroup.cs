using GridTokenX.Market.Matching;

namespace GridTokenX.CloudCore.Trading;

/// <param name="Sequence">In the journal.</param>
/// <param name="Operation">On the book.</param>
/// <param name="Order">Which it is about, when it is about one.</param>
internal readonly record struct JournalLine(long Sequence, BookOperation Operation, Guid? Order);

/// <summary>What a group of commands did to a zone's book: all of it is written, or none.</summary>
internal sealed class ZoneGroup
{
    internal List<JournalLine> Lines { get; } = [];

    internal List<Match> Matches { get; } = [];

    /// <summary>With their places. A purchase that was refused has none.</summary>
    internal List<(Guid Order, long Place)> Placed { get; } = [];

    /// <summary>Direct purchases; what they did not get is cancelled.</summary>
    internal List<Guid> Purchases { get; } = [];

    internal List<Guid> Expired { get; } = [];

    /// <summary>That the book would not take; nothing but a full book refuses an order that was accepted here.</summary>
    internal List<(Guid Order, RejectReason Reason)> Refused { get; } = [];

    /// <summary>Orders that left, by the first command that asked for it.</summary>
    internal Dictionary<Guid, ZoneCommand> Left { get; } = [];

    internal bool IsEmpty => Lines.Count == 0 && Placed.Count == 0 && Purchases.Count == 0 && Expired.Count == 0
        && Refused.Count == 0 && Left.Count == 0;

    /// <summary>Every order whose row changes.</summary>
    internal IReadOnlyCollection<Guid> Touched =>
    [
        .. Matches.SelectMany(static match => (Guid[])[match.Bid, match.Ask])
            .Concat(Placed.Select(static placed => placed.Order))
            .Concat(Purchases)
            .Concat(Expired)
            .Concat(Refused.Select(static refused => refused.Order))
            .Concat(Left.Keys)
            .Distinct(),
    ];
}
