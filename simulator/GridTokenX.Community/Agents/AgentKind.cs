using GridTokenX.Market.Matching;

namespace GridTokenX.Community.Agents;

internal enum AgentKind
{
    None = 0,

    /// <summary>Its limit is its own valuation.</summary>
    Truthful,

    /// <summary>A random limit that never makes a loss: D. K. Gode and S. Sunder, JPE 101 (1993) 119–137.</summary>
    ZeroIntelligence,

    /// <summary>
    /// Begins with the utility's price that suits it best and concedes to its valuation until the epoch ends: the
    /// time-dependent tactic of P. Faratin, C. Sierra and N. R. Jennings (1998), with exponent 1/2 (late).
    /// </summary>
    TimePressure,

    /// <summary>Takes any price that is no worse than the utility's.</summary>
    PriceTaker,

    /// <summary>Truthful, and lets its battery buy cheap and sell dear by its price forecast.</summary>
    Arbitrage,
}

/// <summary>What an agent weighs, µGRX per kWh.</summary>
/// <param name="Side">Buys or sells.</param>
/// <param name="Valuation">What the energy is worth to it: a buyer pays no more, a seller takes no less.</param>
/// <param name="FeedIn">What the utility would pay.</param>
/// <param name="Retail">What the utility would take.</param>
internal readonly record struct Stance(Side Side, long Valuation, long FeedIn, long Retail);

/// <summary>The limit prices of the agents: pure functions.</summary>
internal static class Pricing
{
    /// <param name="kind">Whose.</param>
    /// <param name="stance">What it weighs.</param>
    /// <param name="round">From 0; the last one is <paramref name="rounds"/> − 1.</param>
    /// <param name="rounds">Turns in the epoch.</param>
    /// <param name="draw">Uniform in [0, 1), new each round.</param>
    public static long Limit(AgentKind kind, in Stance stance, int round, int rounds, double draw) => kind switch
    {
        AgentKind.ZeroIntelligence => Between(
            stance.Side == Side.Bid ? stance.FeedIn : stance.Valuation,
            stance.Side == Side.Bid ? stance.Valuation : stance.Retail,
            draw),
        AgentKind.TimePressure => Concession(stance, round, rounds),
        AgentKind.PriceTaker => stance.Side == Side.Bid ? stance.Retail : stance.FeedIn,
        _ => stance.Valuation,
    };

    /// <summary>Linear time to the square: most is conceded at the end; at the last turn all.</summary>
    private static long Concession(in Stance stance, int round, int rounds)
    {
        var start = stance.Side == Side.Bid ? stance.FeedIn : stance.Retail;
        var time = (round + 1.0) / rounds;
        return start + (long)Math.Round((stance.Valuation - start) * time * time);
    }

    private static long Between(long low, long high, double draw) =>
        high <= low ? low : low + (long)(draw * (high - low + 1));
}
