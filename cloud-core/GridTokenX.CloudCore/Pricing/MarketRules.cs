using System.Collections.Frozen;
using GridTokenX.Market.CrossZone;

namespace GridTokenX.CloudCore.Pricing;

/// <summary>The rules of all zones: of those that are named, and of all others.</summary>
internal sealed class MarketRules
{
    private readonly FrozenDictionary<string, ZoneRules> _named;
    private readonly ZoneRules _others;

    public MarketRules(MarketOptions options)
    {
        Options = options;
        Links = options.ZoneLinks;
        _others = ZoneRules.Of("", options);
        _named = options.Zones.Keys.ToFrozenDictionary(
            static zone => zone, zone => ZoneRules.Of(zone, options), StringComparer.Ordinal);
        LinkedZones = Links
            .SelectMany(static link => new[] { link.From, link.To })
            .ToFrozenSet(StringComparer.Ordinal);
        AuctionZones = new ZoneSet(
            _others.Rule == ClearingRule.CallAuction,
            [.. _named.Values.Where(zone => zone.Rule != _others.Rule).Select(static zone => zone.Zone)]);
    }

    public static MarketRules Default { get; } = new(new MarketOptions());

    public MarketOptions Options { get; }

    public IReadOnlyList<ZoneLink> Links { get; }

    /// <summary>Zones that trade with others: they are matched together.</summary>
    public FrozenSet<string> LinkedZones { get; }

    public ZoneSet AuctionZones { get; }

    /// <summary>Any zone whose price or gate follows readings and the book.</summary>
    public bool AreConditional => _others.AreConditional || _named.Values.Any(static zone => zone.AreConditional);

    public ZoneRules Of(string zone) =>
        (_named.GetValueOrDefault(zone) ?? _others) with { Zone = zone, IsLinked = LinkedZones.Contains(zone) };
}

/// <summary>All zones or none, but for exceptions; in SQL: <c>(zone = any(@Exceptions)) &lt;&gt; @All</c>.</summary>
internal sealed record ZoneSet(bool All, string[] Exceptions)
{
    public bool IsEmpty => !All && Exceptions.Length == 0;
}
