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

    /// <summary>As environment variables of the cloud core.</summary>
    [JsonIgnore]
    public IEnumerable<string> Settings =>
    [
        $"Market__Mode={Rule}",
        $"Market__Rationing={Rationing}",
        $"Market__FeedInPrice={FeedInPrice.ToString(CultureInfo.InvariantCulture)}",
        $"Market__RetailPrice={RetailPrice.ToString(CultureInfo.InvariantCulture)}",
        $"Cloud__FeeBasisPoints={FeeBasisPoints.ToString(CultureInfo.InvariantCulture)}",
    ];

    public static CoreRules Of(Scenario scenario) => new(
        scenario.Market.Rule == MarketRule.CallAuction ? "call_auction" : "continuous",
        scenario.Market.Rationing == Market.Clearing.Rationing.ProRata ? "pro_rata" : "time",
        scenario.Market.FeeBasisPoints,
        scenario.Prices.FeedIn / MicroGrxPerGrx,
        Math.Max(scenario.Prices.OnPeak, scenario.Prices.OffPeak) / MicroGrxPerGrx);

    /// <summary>Who is served at the margin the core does not tell; everything else has to be the scenario's.</summary>
    /// <exception cref="UnplayableException">The core that runs has other rules.</exception>
    public void Demand(ChainInfo chain, MarketData market)
    {
        if (chain.FeeBasisPoints != FeeBasisPoints
            || market.Rule != Rule
            || market.FeedInPrice != FeedInPrice
            || market.RetailPrice != RetailPrice)
        {
            throw new UnplayableException(
                "core_has_other_rules",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The cloud core plays {market.Rule}, {chain.FeeBasisPoints} bps, ")
                + string.Create(
                    CultureInfo.InvariantCulture, $"prices from {market.FeedInPrice} to {market.RetailPrice}; ")
                + string.Create(
                    CultureInfo.InvariantCulture, $"the scenario asks for {Rule}, {FeeBasisPoints} bps, ")
                + string.Create(CultureInfo.InvariantCulture, $"{FeedInPrice} to {RetailPrice}."));
        }
    }
}
