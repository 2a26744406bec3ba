using GridTokenX.Community.Agents;
using GridTokenX.Community.Scenarios;
using GridTokenX.Simulator.Trading;

namespace GridTokenX.Simulator.Scenarios;

/// <summary>
/// A scenario's agent at the real market: what it expects to have over or to lack in the coming quarter hour, at the
/// limit that it would name in market mode. Real orders are of what is there: it sells GRID that it has, and as much as
/// its battery gives when it has one, and it bids for what it can pay.
/// </summary>
/// <param name="life">Its home's, and everybody's.</param>
/// <param name="home">From 0.</param>
/// <param name="hasBattery">What it sells, the device locks there.</param>
internal sealed class ScenarioAgent(ScenarioLife life, int home, bool hasBattery) : IHomeAgent
{
    public string Name => FieldName.Of(life.Participants[home].Agent);

    public int OrderQuarters => 1;

    public Decision Decide(in Outlook outlook)
    {
        // Nobody lives after the last quarter hour; when the days come again, it is a later one.
        if (outlook.Quarter == life.Scenario.Epochs)
        {
            return default;
        }

        var quarter = outlook.Quarter % life.Scenario.Epochs;
        var expected = life.At(home, quarter);
        var sells = expected.Expected > 0;
        var (stance, limit) = life.LimitOf(home, quarter, expected);
        var price = OwnPrice(limit, stance, sells, home + 1);
        var lockable = hasBattery ? outlook.BatteryWh : long.MaxValue;
        var energy = sells
            ? Math.Min(Math.Min(expected.Expected, outlook.GridWh), lockable)
            : Math.Min(-expected.Expected, (long)((Int128)outlook.MoneyUgrx * 1_000 / price));
        return energy > 0
            ? new Decision(new OrderIntent(sells, energy, price), 0, CancelsLast: false, expected.SellsStored)
            : default;
    }

    /// <summary>
    /// No two homes name the same price, so it never matters whose order of a session arrives first: the last three
    /// digits of the µGRX are the home's own. A buyer names no more for it and a seller no less, unless that would be
    /// beyond the utility's prices.
    /// </summary>
    internal static long OwnPrice(long limit, in Stance stance, bool sells, int number)
    {
        const int Own = NeighbourhoodOptions.MaxHomes;
        var below = limit - ((((limit - number) % Own) + Own) % Own);
        var above = below == limit ? limit : below + Own;
        var isAbove = sells ? above <= stance.Retail : below < stance.FeedIn;
        return isAbove ? above : below;
    }
}
