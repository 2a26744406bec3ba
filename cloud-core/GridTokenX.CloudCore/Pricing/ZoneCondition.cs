using GridTokenX.Market.Pricing;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Pricing;

/// <summary>A zone's price and gate, and what they follow from. Pure.</summary>
internal sealed record ZoneCondition
{
    public required PricePerKwh? Price { get; init; }

    public required bool GateOpen { get; init; }

    public required int? SocPermille { get; init; }

    public required WattHours Demand { get; init; }

    public required WattHours Supply { get; init; }

    public required int? SocFactor { get; init; }

    public required int? LoadFactor { get; init; }

    public required int? TimeFactor { get; init; }

    /// <param name="rules">Of the zone.</param>
    /// <param name="states">Of charge, permille: the fresh ones of its devices; 65535 has no battery.</param>
    /// <param name="demand">Energy that bids still want.</param>
    /// <param name="supply">Energy that asks still offer.</param>
    /// <param name="now">Market time.</param>
    internal static ZoneCondition Of(
        ZoneRules rules, IEnumerable<ushort> states, WattHours demand, WattHours supply, DateTimeOffset now)
    {
        var soc = CommunityStateOfCharge.Mean(states);
        var local = TimeZoneInfo.ConvertTime(now, rules.TimeZone);
        var quarter = (local.Hour * 4) + (local.Minute / 15);
        var price = rules.Price?.Of(soc, demand, supply, quarter);
        return new ZoneCondition
        {
            // A base of next to nothing may round to nothing, which would be no price at all.
            Price = price is { Value: < 1 } ? new PricePerKwh(1) : price,
            GateOpen = !rules.HasGate || CommunityStateOfCharge.IsOpen(soc, rules.GatePermille),
            SocPermille = soc,
            Demand = demand,
            Supply = supply,
            SocFactor = rules.Price?.SocFactor(soc).Value,
            LoadFactor = rules.Price?.LoadFactor(demand, supply).Value,
            TimeFactor = rules.Price?.TimeFactor(quarter).Value,
        };
    }

    /// <summary>
    /// The gate answers at once; the price goes on moving by its interval only, so that it stands long enough to be
    /// traded at.
    /// </summary>
    internal bool Follows(ZonePriceRow? newest, DateTimeOffset now, TimeSpan priceInterval) =>
        newest is null
        || newest.GateOpen != GateOpen
        || newest.Price is null != Price is null
        || (newest.Price != Price && now - newest.Since >= priceInterval);
}
