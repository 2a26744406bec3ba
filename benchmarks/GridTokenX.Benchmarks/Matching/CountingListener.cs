using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Benchmarks.Matching;

/// <summary>Hears every event and keeps sums, so that none can be left out.</summary>
internal struct CountingListener : IBookListener
{
    internal long Fills { get; private set; }

    internal long Quantity { get; private set; }

    internal long Value { get; private set; }

    internal long Rejections { get; private set; }

    internal long OtherEvents { get; private set; }

    public void Accepted(in NewOrder order) => OtherEvents++;

    public void Rejected(long order, RejectReason reason) => Rejections++;

    public void Rested(long order, WattHours rest) => OtherEvents++;

    public void Matched(in BookMatch match)
    {
        Fills++;
        Quantity += match.Energy.Value;
        Value += match.Energy.Value * match.Price.Value;
    }

    public void MatchedAcross(long order, WattHours energy, WattHours rest) => OtherEvents++;

    public void Reduced(long order, WattHours by, WattHours rest) => OtherEvents++;

    public void Cancelled(long order, WattHours rest, CancelReason reason) => OtherEvents++;

    public void Expired(long order, WattHours rest) => OtherEvents++;
}
