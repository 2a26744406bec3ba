using System.Globalization;
using System.Text.Json.Serialization;
using GridTokenX.Community.Scenarios;
using GridTokenX.Protocol.Api;

namespace GridTokenX.Simulator.Scenarios;

/// <summary>A scenario's market as the cloud core's settings; prices in GRX per kWh.</summary>
/// <param name="Rule">As in scenario files.</param>
/// <param name="RetailPrice">The highest of a day: no order may name more.</param>
internal sealed record CoreRules(
    string Rule, string Rationing, int FeeBasisPoints, decimal FeedInPrice, decimal RetailPrice)
{
    private const decimal MicroGrxPerGrx = 1_000_000;
    private const decimal WhPerKwh = 1_000;

    /// <summary>Between the zones, by their names there.</summary>
    public IReadOnlyList<CoreLink> Links { get; init; } = [];

    /// <summary>As environment variables of the cloud core.</summary>
    [JsonIgnore]
    public IEnumerable<string> Settings =>
    [
        $"Market__Mode={Rule}",
        $"Market__Rationing={Rationing}",
        $"Market__FeedInPrice={Number(FeedInPrice)}",
        $"Market__RetailPrice={Number(RetailPrice)}",
        $"Cloud__FeeBasisPoints={Number(FeeBasisPoints)}",
        .. Links.SelectMany(static (link, place) => link.Settings($"Market__Links__{Number(place)}__")),
    ];

    public static CoreRules Of(Scenario scenario)
    {
        var zones = StackZones.NamesOf(scenario);
        string NameOf(string zone) => zones[scenario.Zones.Index().First(own => own.Item == zone).Index];
        return new CoreRules(
            FieldName.Of(scenario.Market.Rule),
            FieldName.Of(scenario.Market.Rationing),
            scenario.Market.FeeBasisPoints,
            scenario.Prices.FeedIn / MicroGrxPerGrx,
            Math.Max(scenario.Prices.OnPeak, scenario.Prices.OffPeak) / MicroGrxPerGrx)
        {
            Links =
            [
                .. scenario.Links.Select(link => new CoreLink(
                    NameOf(link.From), NameOf(link.To), link.Wheeling.Value / MicroGrxPerGrx, link.LossPpm,
                    link.Capacity.Value / WhPerKwh)),
            ],
        };
    }

    /// <summary>Who is served at the margin the core does not tell; everything else has to be the scenario's.</summary>
    /// <exception cref="UnplayableException">The core that runs has other rules.</exception>
    public void Demand(ChainInfo chain, MarketData market)
    {
        if (chain.FeeBasisPoints != FeeBasisPoints
            || market.Rule != Rule
            || market.FeedInPrice != FeedInPrice
            || market.RetailPrice != RetailPrice)
        {
            throw Others(
                $"{market.Rule}, {Number(chain.FeeBasisPoints)} bps, prices from {Number(market.FeedInPrice)} to "
                + Number(market.RetailPrice),
                $"{Rule}, {Number(FeeBasisPoints)} bps, {Number(FeedInPrice)} to {Number(RetailPrice)}");
        }
    }

    /// <summary>Its ways between zones have to be the scenario's as well.</summary>
    /// <exception cref="UnplayableException">The core that runs has others.</exception>
    public void Demand(LinkList links)
    {
        var set = links.Links
            .Where(static link => link.Terms is not null)
            .Select(static link => new CoreLink(
                link.From, link.To, link.Terms!.WheelingPrice, link.Terms.LossPpm, link.Terms.CapacityKwh))
            .ToList();
        if (!set.ToHashSet().SetEquals(Links))
        {
            throw Others(Listed(set), Listed(Links));
        }
    }

    private static UnplayableException Others(string there, string wanted) =>
        new("core_has_other_rules", $"The cloud core plays {there}; the scenario asks for {wanted}.");

    private static string Listed(IReadOnlyList<CoreLink> links) =>
        links.Count == 0 ? "no links" : $"links {string.Join(", ", links)}";

    private static string Number<T>(T number) => string.Create(CultureInfo.InvariantCulture, $"{number}");
}

/// <summary>A way for energy from one zone into another, as the cloud core is set.</summary>
/// <param name="WheelingPrice">GRX for each kWh that arrives.</param>
/// <param name="LossPpm">Of what is sent, in millionths.</param>
/// <param name="CapacityKwh">The most that is sent in a quarter hour.</param>
internal sealed record CoreLink(string From, string To, decimal WheelingPrice, int LossPpm, decimal CapacityKwh)
{
    public IEnumerable<string> Settings(string prefix) =>
    [
        $"{prefix}From={From}",
        $"{prefix}To={To}",
        string.Create(CultureInfo.InvariantCulture, $"{prefix}WheelingPrice={WheelingPrice}"),
        string.Create(CultureInfo.InvariantCulture, $"{prefix}LossPpm={LossPpm}"),
        string.Create(CultureInfo.InvariantCulture, $"{prefix}CapacityKwh={CapacityKwh}"),
    ];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{From} to {To} ({WheelingPrice} GRX/kWh, {LossPpm} ppm, {CapacityKwh} kWh)");
}
