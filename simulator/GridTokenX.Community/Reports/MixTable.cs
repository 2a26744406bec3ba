using System.Globalization;
using System.Text;
using GridTokenX.Community.Agents;
using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Community.Reports;

/// <summary>
/// What the kinds of agents reach under both market rules, in the same homes and weather: shares of the most welfare
/// and volume possible, the mean price, and how far the dearest trade of a quarter hour lies above its cheapest, as a
/// mean by energy. As a Markdown table.
/// </summary>
internal static class MixTable
{
    private static readonly (string Name, AgentKind[] Kinds)[] Mixes =
    [
        ("truthful", [AgentKind.Truthful]),
        ("zero intelligence", [AgentKind.ZeroIntelligence]),
        ("time pressure", [AgentKind.TimePressure]),
        ("price taker", [AgentKind.PriceTaker]),
        ("arbitrage", [AgentKind.Arbitrage]),
        ("half truthful, half zero intelligence", [AgentKind.Truthful, AgentKind.ZeroIntelligence]),
        ("all kinds alike", [
            AgentKind.Truthful, AgentKind.ZeroIntelligence, AgentKind.TimePressure, AgentKind.PriceTaker,
            AgentKind.Arbitrage,
        ]),
    ];

    /// <param name="scenario">Its agents and rule are replaced, and with an agent what its battery is for.</param>
    /// <param name="profiles">Reads a file of measured power.</param>
    /// <param name="done">Told after each of the runs, and how many there are.</param>
    /// <param name="cancellationToken">Stops between epochs.</param>
    public static string Of(
        Scenario scenario, Func<ProfileFile, EnergyProfile> profiles, Action<int, int> done,
        CancellationToken cancellationToken)
    {
        var text = new StringBuilder(
            "| agents | rule | welfare | volume | mean price | price spread | traded, kWh | trades |\n"
            + "|---|---|---:|---:|---:|---:|---:|---:|\n");
        MarketRule[] rules = [MarketRule.CallAuction, MarketRule.Continuous];
        var runs = 0;
        foreach (var (name, kinds) in Mixes)
        {
            foreach (var rule in rules)
            {
                var run = new MarketRun(With(scenario, kinds, rule), profiles);
                while (!run.IsFinished)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    run.Step();
                }

                var market = ReportBuilder.Of(run, new RunOrigin("", "")).Market;
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {(rule == MarketRule.CallAuction ? "call auction" : "continuous")} | "
                    + $"{ReportPage.Percent(market.WelfareShare)} | {ReportPage.Percent(market.VolumeShare)} | "
                    + $"{ReportPage.Price(market.MeanPrice)} | {ReportPage.Price(Spread(run.Rows))} | "
                    + $"{market.TradedWh / 1_000m:0.0} | {market.Trades} |\n");
                done(++runs, Mixes.Length * rules.Length);
            }
        }

        return text.ToString();
    }

    private static long? Spread(IReadOnlyList<EpochRow> rows)
    {
        Int128 sum = 0;
        Int128 energy = 0;
        foreach (var row in rows)
        {
            sum += (Int128)(row.PriceHigh - row.PriceLow) * row.Traded;
            energy += row.Traded;
        }

        return energy == 0 ? null : (long)(sum / energy);
    }

    public static Scenario With(Scenario scenario, IReadOnlyList<AgentKind> kinds, MarketRule rule) => scenario with
    {
        Market = scenario.Market with { Rule = rule },
        Groups = [.. scenario.Groups.Select(group => group with
        {
            Agents = [.. kinds.Select(static kind => (kind, 1.0))],
        })],
    };
}
