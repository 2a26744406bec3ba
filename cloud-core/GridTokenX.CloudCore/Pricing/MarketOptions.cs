using GridTokenX.CloudCore.Registration;
using GridTokenX.Market.CrossZone;
using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Pricing;

/// <summary>Section <c>Market</c>: the rules of every zone, and of those that are named in <c>Zones</c>.</summary>
public sealed record MarketOptions : ZoneSettings
{
    /// <summary>Settings of single zones; what they leave out is the deployment's.</summary>
    public IReadOnlyDictionary<string, ZoneSettings> Zones { get; init; } = new Dictionary<string, ZoneSettings>();

    /// <summary>Ways between zones; without any, zones do not trade with each other.</summary>
    public IReadOnlyList<ZoneLinkSettings> Links { get; init; } = [];

    /// <summary>A state of charge counts this long.</summary>
    public TimeSpan SocFreshness { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>An epoch's energy is counted so long after its end: readings that come later are left out.</summary>
    public TimeSpan MeteringGrace { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>1 GRID is retired for each kWh delivered.</summary>
    public bool BurnOnSettlement { get; init; }

    /// <summary>How long a seller's yield accrues.</summary>
    public TimeSpan YieldTerm { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How often yields are set aside out of the collected fees.</summary>
    public TimeSpan YieldInterval { get; init; } = TimeSpan.FromDays(1);

    internal IReadOnlyList<ZoneLink> ZoneLinks => [.. Links.Select(static link => new ZoneLink
    {
        From = link.From,
        To = link.To,
        Wheeling = PricePerKwh.TryFromGrx(link.WheelingPrice, out var price) ? price : new PricePerKwh(-1),
        LossPpm = link.LossPpm,
        Capacity = WattHours.TryFromKwh(link.CapacityKwh, out var energy) ? energy : new WattHours(-1),
    })];

    internal static IEnumerable<string> Faults(MarketOptions options) =>
        FaultsOfTimes(options)
            .Concat(ZoneRules.Faults("", options, options))
            .Concat(options.Zones.SelectMany(zone => FaultsOfZone(zone.Key, zone.Value, options)))
            .Concat(FaultsOfLinks(options));

    private static IEnumerable<string> FaultsOfTimes(MarketOptions options)
    {
        (string Name, TimeSpan Value, TimeSpan Least, TimeSpan Most)[] times =
        [
            (nameof(SocFreshness), options.SocFreshness, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)),
            (nameof(MeteringGrace), options.MeteringGrace, TimeSpan.Zero, TimeSpan.FromDays(7)),
            (nameof(YieldTerm), options.YieldTerm, TimeSpan.FromDays(1), TimeSpan.FromDays(3_650)),
            (nameof(YieldInterval), options.YieldInterval, TimeSpan.FromMinutes(1), TimeSpan.FromDays(31)),
        ];
        return times
            .Where(static time => time.Value < time.Least || time.Value > time.Most)
            .Select(static time => $"{time.Name} is {time.Value}; it goes from {time.Least} to {time.Most}.");
    }

    private static IEnumerable<string> FaultsOfZone(string zone, ZoneSettings settings, MarketOptions options)
    {
        var faults = ZoneRules.Faults($"{nameof(Zones)}:{zone}:", settings, options);
        return RegistrationForms.FaultOfZone(zone) is { } fault
            ? faults.Prepend($"{nameof(Zones)}:{zone}: {fault}")
            : faults;
    }

    private static IEnumerable<string> FaultsOfLinks(MarketOptions options)
    {
        foreach (var link in options.ZoneLinks)
        {
            var name = $"{nameof(Links)} from '{link.From}' to '{link.To}'";
            if (string.IsNullOrEmpty(link.From) || string.IsNullOrEmpty(link.To) || !link.IsValid)
            {
                yield return $"{name}: two different zones, a wheeling price and a capacity from 0 on, "
                    + $"a loss from 0 to {ZoneLink.MaxLossPpm} ppm.";
            }
            else if (ZoneRules.Of(link.From, options).Rule != ClearingRule.Continuous
                || ZoneRules.Of(link.To, options).Rule != ClearingRule.Continuous)
            {
                yield return $"{name}: zones with call auctions trade among themselves only.";
            }
            else if (ZoneRules.Of(link.From, options).ExactQuantity || ZoneRules.Of(link.To, options).ExactQuantity)
            {
                yield return $"{name}: matching across zones fills in part, which exact quantities exclude.";
            }
        }

        foreach (var (from, to) in options.Links.GroupBy(static link => (link.From, link.To))
            .Where(static link => link.Skip(1).Any())
            .Select(static link => link.Key))
        {
            yield return $"{nameof(Links)} from '{from}' to '{to}' are there twice.";
        }
    }
}
