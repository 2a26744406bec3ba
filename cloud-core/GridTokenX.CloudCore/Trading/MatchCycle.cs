using GridTokenX.Market.Clearing;
using GridTokenX.Market.Matching;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Trading;

/// <summary>What one matching cycle of a zone found, and what that makes of its orders.</summary>
internal sealed record MatchCycle
{
    public required string Zone { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required IReadOnlyList<Match> Matches { get; init; }

    /// <summary>As read, before the matches.</summary>
    public required IReadOnlyDictionary<Guid, OrderRow> Before { get; init; }

    /// <summary>Energy filled of each matched order, with this cycle.</summary>
    public required IReadOnlyDictionary<Guid, WattHours> Filled { get; init; }

    /// <summary>Direct purchases with something left, as they stand after the matches.</summary>
    public required IReadOnlyList<OrderRow> UnfilledPurchases { get; init; }

    internal MarketEpoch Epoch => MarketEpoch.At(Now);

    internal IReadOnlyCollection<Guid> Touched =>
        [.. Filled.Keys, .. UnfilledPurchases.Select(static order => order.Id).Where(id => !Filled.ContainsKey(id))];

    /// <summary>Of orders that nobody has read.</summary>
    internal static MatchCycle Of(string zone, DateTimeOffset now, IReadOnlyList<Match> matches) => new()
    {
        Zone = zone,
        Now = now,
        Matches = matches,
        Before = new Dictionary<Guid, OrderRow>(),
        Filled = new Dictionary<Guid, WattHours>(),
        UnfilledPurchases = [],
    };

    internal static MatchCycle Of(
        string zone, DateTimeOffset now, IReadOnlyList<OrderRow> live, IReadOnlyList<Match> matches)
    {
        var before = live.ToDictionary(static order => order.Id);
        Dictionary<Guid, WattHours> filled = [];
        foreach (var match in matches)
        {
            filled[match.Bid] = filled.GetValueOrDefault(match.Bid, before[match.Bid].Filled) + match.Energy;
            filled[match.Ask] = filled.GetValueOrDefault(match.Ask, before[match.Ask].Filled) + match.Energy;
        }

        return new MatchCycle
        {
            Zone = zone,
            Now = now,
            Matches = matches,
            Before = before,
            Filled = filled,
            UnfilledPurchases = [.. live
                .Where(static order => order.TargetOrder is not null)
                .Select(order => order with { Filled = filled.GetValueOrDefault(order.Id, order.Filled) })
                .Where(static order => order.Rest > WattHours.Zero)
                .OrderBy(static order => order.Sequence)],
        };
    }
}
