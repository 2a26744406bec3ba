using GridTokenX.Community.Numerics;
using GridTokenX.Community.Scenarios;
using GridTokenX.Market.Matching;

namespace GridTokenX.Community.Agents;

/// <summary>
/// What a scenario's homes weigh and which limits they name, by their own draws: the same in every mode, whatever
/// market they meet.
/// </summary>
internal sealed class Stances(Scenario scenario)
{
    private const int MaxRounds = 64;

    private readonly Draws _valuation = Draws.For(scenario.Seed, "valuation");
    private readonly Draws _limits = Draws.For(scenario.Seed, "limit");

    /// <summary>
    /// A home's valuation of this epoch lies between the utility's two prices, by its own draw. What a battery charges
    /// for a dearer hour it would also buy of the utility, so it is worth retail.
    /// </summary>
    /// <param name="epoch">Since the run began.</param>
    /// <param name="home">From 0.</param>
    /// <param name="side">Buys or sells.</param>
    /// <param name="retail">What the utility takes in this epoch.</param>
    /// <param name="charges">It buys for its battery.</param>
    public Stance Of(long epoch, int home, Side side, long retail, bool charges)
    {
        var feedIn = scenario.Prices.FeedIn;
        var width = (retail - feedIn) * scenario.Prices.Spread;
        var away = (long)Math.Round(width * _valuation.Unit(epoch, home));
        var bid = charges ? retail : retail - away;
        return new Stance(side, side == Side.Bid ? bid : feedIn + away, feedIn, retail);
    }

    /// <param name="kind">Of the home's agent.</param>
    /// <param name="stance">Its own of this epoch.</param>
    /// <param name="epoch">Since the run began.</param>
    /// <param name="round">Of the epoch's turns, from 0.</param>
    /// <param name="home">From 0.</param>
    public long Limit(AgentKind kind, in Stance stance, long epoch, int round, int home) => Pricing.Limit(
        kind, stance, round, scenario.Market.Rounds, _limits.Unit((epoch * MaxRounds) + round, home));

    /// <summary>The limit that stands when an epoch ends.</summary>
    public long LastLimit(AgentKind kind, in Stance stance, long epoch, int home) =>
        Limit(kind, stance, epoch, scenario.Market.Rounds - 1, home);
}
