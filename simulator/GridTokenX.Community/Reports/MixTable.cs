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
    /// <param name="seeds">A run of each; figures are means with standard deviations when there are several.</param>
    /// <param name="profiles">Reads a file of measured power.</param>
    /// <param name="done">Told after each of the runs, and how many there are.</param>
    /// <param name="cancellationToken">Stops between epochs.</param>
    public static string Of(
        Scenario scenario, IReadOnlyList<long> seeds, Func<ProfileFile, EnergyProfile> profiles, Action<int, int> done,
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
                var played = new List<(MarketSums Market, long? Spread)>();
                foreach (var seed in seeds)
                {
                    played.Add(Play(With(scenario, kinds, rule) with { Seed = seed }, profiles, cancellationToken));
                    done(++runs, Mixes.Length * rules.Length * seeds.Count);
                }

                Append(text, name, rule, played);
            }
        }

        return text.ToString();
    }

    private static (MarketSums Market, long? Spread) Play(
        Scenario scenario, Func<ProfileFile, EnergyProfile> profiles, CancellationToken cancellationToken)
    {
        var run = new MarketRun(scenario, profiles);
        while (!run.IsFinished)
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Step();
        }

        return (ReportBuilder.Of(run, new RunOrigin("", "")).Market, PriceSpread(run.Rows));
    }

    private static void Append(
        StringBuilder text, string name, MarketRule rule, List<(MarketSums Market, long? Spread)> played)
    {
        string Figure(int digits, Func<(MarketSums Market, long? Spread), decimal?> of) =>
            Reports.Spread.Text(played.Select(of), digits);
        string Share(Func<MarketSums, decimal?> of) =>
            played.Exists(run => of(run.Market) is not null) ? $"{Figure(1, run => of(run.Market) * 100)} %" : "–";
        text.Append(
            CultureInfo.InvariantCulture,
            $"| {name} | {(rule == MarketRule.CallAuction ? "call auction" : "continuous")} | "
            + $"{Share(static market => market.WelfareShare)} | {Share(static market => market.VolumeShare)} | "
            + $"{Figure(3, static run => run.Market.MeanPrice / 1_000_000m)} | "
            + $"{Figure(3, static run => run.Spread / 1_000_000m)} | "
            + $"{Figure(1, static run => run.Market.TradedWh / 1_000m)} | "
            + $"{Figure(0, static run => run.Market.Trades)} |\n");
    }

    private static long? PriceSpread(IReadOnlyList<EpochRow> rows)
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
