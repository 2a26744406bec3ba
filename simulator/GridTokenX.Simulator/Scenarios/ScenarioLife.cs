using GridTokenX.Community.Agents;
using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Scenarios;
using GridTokenX.Community.Weather;
using GridTokenX.Market.Matching;

namespace GridTokenX.Simulator.Scenarios;

/// <summary>What a home of a scenario does in a quarter hour, and had expected of it before; Wh.</summary>
/// <param name="Stored">What its cells hold more at the end than at the beginning.</param>
/// <param name="Expected">At its grid connection: positive to give, below zero to draw.</param>
/// <param name="Charges">It expected to draw for its battery.</param>
/// <param name="SellsStored">It expected to sell out of its battery.</param>
internal readonly record struct Lived(
    int Generated, int Drawn, int Stored, int Expected, bool Charges, bool SellsStored);

/// <summary>
/// The homes of a scenario as they live beside real parts: those of market mode, by the same models and draws. A
/// quarter hour is lived when somebody first asks for it, all homes together; what came of the real market before it
/// has to be told until then.
/// </summary>
internal sealed class ScenarioLife
{
    private readonly Lock _lock = new();
    private readonly Households _households;
    private readonly Stances _stances;
    private readonly List<Lived[]> _quarters = [];

    /// <param name="scenario">That real parts can play.</param>
    /// <param name="profiles">Reads a file of measured power.</param>
    public ScenarioLife(Scenario scenario, Func<ProfileFile, EnergyProfile> profiles)
    {
        Scenario = scenario;
        _households = new Households(scenario, profiles);
        _stances = new Stances(scenario);
        StoredAtFirst = [.. _households.Homes.Select(static home => home.Battery?.StoredWh ?? 0)];
    }

    public Scenario Scenario { get; }

    public IReadOnlyList<Participant> Participants => _households.Participants;

    /// <summary>In each home's cells before the first quarter hour, Wh.</summary>
    public IReadOnlyList<long> StoredAtFirst { get; }

    /// <summary>What comes of the market decides what batteries do next, and has to be told.</summary>
    public bool FollowsPrices => _households.FollowPrices;

    /// <param name="home">From 0.</param>
    /// <param name="quarter">Of the scenario, from 0.</param>
    public Lived At(int home, int quarter)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(quarter, Scenario.Epochs);
        lock (_lock)
        {
            while (_quarters.Count <= quarter)
            {
                _quarters.Add(LiveNext());
            }

            return _quarters[quarter][home];
        }
    }

    /// <summary>What the home's agent weighs in this quarter hour, and the limit that it names for it.</summary>
    public (Stance Stance, long Limit) LimitOf(int home, int quarter, in Lived expected)
    {
        var side = expected.Expected > 0 ? Side.Ask : Side.Bid;
        var stance = _stances.Of(quarter, home, side, RetailAt(quarter), expected.Charges);
        return (stance, _stances.LastLimit(Participants[home].Agent, stance, quarter, home));
    }

    /// <summary>
    /// What came of a zone's market in a quarter hour; each at most once, before the next one is lived.
    /// </summary>
    public void Learn(int quarter, int zone, in ZoneSums sums)
    {
        lock (_lock)
        {
            _households.Prices[zone].Learn(
                quarter % EpochTime.PerDay, sums, RetailAt(quarter), Scenario.Prices.FeedIn);
        }
    }

    public long RetailAt(int quarter) => Scenario.Prices.RetailAt(_households.TimeOf(quarter));

    private Lived[] LiveNext()
    {
        _ = _households.Live(_quarters.Count);
        var lived = new Lived[_households.Count];
        for (var home = 0; home < lived.Length; home++)
        {
            var flows = _households.Flows[home];
            var order = _households.Orders[home];
            lived[home] = checked(new Lived(
                (int)flows.Generation,
                (int)flows.Consumption,
                (int)(flows.Charge - flows.Discharge),
                (int)_households.Expected[home],
                order.ImportWh > 0,
                order.ExportWh > 0));
        }

        return lived;
    }
}
