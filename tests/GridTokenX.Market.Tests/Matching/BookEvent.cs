using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Tests.Matching;

/// <summary>An event as a value: its name, the sequence it names, and what it says.</summary>
internal readonly record struct BookEvent(
    string Name, long Order, long Rest = 0, string Reason = "", long By = 0, BookMatch Match = default);

/// <summary>Keeps every event.</summary>
internal sealed class EventRecorder : IBookListener
{
    internal List<BookEvent> Events { get; } = [];

    internal IEnumerable<BookMatch> Matches =>
        Events.Where(static entry => entry.Name == nameof(Matched)).Select(static entry => entry.Match);

    public void Accepted(in NewOrder order) =>
        Events.Add(new BookEvent(nameof(Accepted), order.Sequence, order.Energy.Value, By: order.Filled.Value));

    public void Rejected(long order, RejectReason reason) =>
        Events.Add(new BookEvent(nameof(Rejected), order, Reason: reason.ToString()));

    public void Rested(long order, WattHours rest) => Events.Add(new BookEvent(nameof(Rested), order, rest.Value));

    public void Matched(in BookMatch match) => Events.Add(new BookEvent(nameof(Matched), match.Bid, Match: match));

    public void MatchedAcross(long order, WattHours energy, WattHours rest) =>
        Events.Add(new BookEvent(nameof(MatchedAcross), order, rest.Value, By: energy.Value));

    public void Reduced(long order, WattHours by, WattHours rest) =>
        Events.Add(new BookEvent(nameof(Reduced), order, rest.Value, By: by.Value));

    public void Cancelled(long order, WattHours rest, CancelReason reason) =>
        Events.Add(new BookEvent(nameof(Cancelled), order, rest.Value, reason.ToString()));

    public void Expired(long order, WattHours rest) => Events.Add(new BookEvent(nameof(Expired), order, rest.Value));
}

/// <summary>All events of a long run in one number, and the sums that the streams are known by.</summary>
internal struct EventDigest : IBookListener
{
    internal ulong Digest { get; private set; }

    internal long Fills { get; private set; }

    internal long Quantity { get; private set; }

    internal long Value { get; private set; }

    public void Accepted(in NewOrder order) => Mix(1, order.Sequence, order.Energy.Value, order.Limit.Value);

    public void Rejected(long order, RejectReason reason) => Mix(2, order, (long)reason, 0);

    public void Rested(long order, WattHours rest) => Mix(3, order, rest.Value, 0);

    public void Matched(in BookMatch match)
    {
        Fills++;
        Quantity += match.Energy.Value;
        Value = unchecked(Value + (match.Energy.Value * match.Price.Value));
        Mix(4, match.Bid, match.Ask, match.Energy.Value);
        Mix(5, match.Price.Value, match.BidLimit.Value, match.AskLimit.Value);
        Mix(6, match.BidRest.Value, match.AskRest.Value, match.BidEnergy.Value);
    }

    public void MatchedAcross(long order, WattHours energy, WattHours rest) => Mix(7, order, energy.Value, rest.Value);

    public void Reduced(long order, WattHours by, WattHours rest) => Mix(8, order, by.Value, rest.Value);

    public void Cancelled(long order, WattHours rest, CancelReason reason) => Mix(9, order, rest.Value, (long)reason);

    public void Expired(long order, WattHours rest) => Mix(10, order, rest.Value, 0);

    private void Mix(params ReadOnlySpan<long> values)
    {
        foreach (var value in values)
        {
            Digest = unchecked((Digest ^ (ulong)value) * 0x9E3779B97F4A7C15);
            Digest ^= Digest >> 29;
        }
    }
}
