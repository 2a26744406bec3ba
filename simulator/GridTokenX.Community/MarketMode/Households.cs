using GridTokenX.Community.Devices;
using GridTokenX.Community.Forecasts;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Scenarios;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.MarketMode;

/// <summary>
/// A scenario's homes without a market: weather, devices, forecasts, and what each home expects to have over or to lack
/// before a quarter hour begins. Which market its agents meet is somebody else's matter, who tells the prices.
/// </summary>
internal sealed class Households
{
    private readonly Scenario _scenario;
    private readonly WeatherProcess _weather;
    private readonly Home[] _homes;
    private readonly Participant[] _participants;
    private readonly Forecasters _forecasters;
    private readonly PriceMemory[] _prices;
    private readonly ArbitragePlan?[] _plans;
    private readonly int[] _planned;
    private readonly BatteryOrder[] _orders;
    private readonly HomeFlows[] _flows;
    private readonly long[] _alone;
    private readonly long[] _expected;
    private readonly long[] _retail = new long[EpochTime.PerDay];

    /// <param name="scenario">Valid.</param>
    /// <param name="profiles">Reads a file of measured power.</param>
    public Households(Scenario scenario, Func<ProfileFile, EnergyProfile> profiles)
    {
        _scenario = scenario;
        _weather = new WeatherProcess(scenario.Site, scenario.Start, scenario.Seed);
        (_homes, _participants) = new HomeBuilder(scenario, profiles).Build();
        _forecasters = new Forecasters(
            [.. _participants.Select(participant => scenario.Groups[participant.Group].Forecast)]);
        _prices = [.. scenario.Zones.Select(_ => new PriceMemory(scenario.Prices.Base))];
        _plans = Array.ConvertAll(_homes, static home =>
            home.Battery is { Strategy: BatteryStrategy.Arbitrage } ? new ArbitragePlan() : null);
        _planned = [.. scenario.Zones.Select((_, zone) =>
            _participants.Where((participant, home) => participant.Zone == zone && _plans[home] is not null).Count())];
        _orders = new BatteryOrder[_homes.Length];
        _flows = new HomeFlows[_homes.Length];
        _alone = new long[_homes.Length];
        _expected = new long[_homes.Length];
    }

    public int Count => _homes.Length;

    public IReadOnlyList<Home> Homes => _homes;

    public Participant[] Participants => _participants;

    /// <summary>One for each zone: whoever runs a market tells it what came of each quarter hour.</summary>
    public PriceMemory[] Prices => _prices;

    public Forecasters Forecasts => _forecasters;

    /// <summary>Of the last quarter hour, as all that follows.</summary>
    public HomeFlows[] Flows => _flows;

    /// <summary>What the meters would have shown without a market.</summary>
    public long[] Alone => _alone;

    /// <summary>What each home expected at its meter before: positive to give, Wh.</summary>
    public long[] Expected => _expected;

    public BatteryOrder[] Orders => _orders;

    /// <summary>Batteries follow prices: what comes of a market decides what the homes do next.</summary>
    public bool FollowPrices => Array.Exists(_planned, static homes => homes > 0);

    public EpochTime TimeOf(long epoch) => _weather.TimeOf(epoch);

    /// <summary>A quarter hour passes; each once, one after the other, from 0.</summary>
    /// <exception cref="InvalidOperationException">Energy was not conserved.</exception>
    public EpochTime Live(long epoch)
    {
        var time = _weather.TimeOf(epoch);
        var weather = _weather.Next(time);
        Look(time);
        for (var home = 0; home < _homes.Length; home++)
        {
            var use = _homes[home].Use(time, weather);
            Plan(home, time, use.Net);
            var flows = _homes[home].Store(use, _orders[home]);
            _flows[home] = flows;
            _alone[home] = _homes[home].StoreAlone(use, flows);
            if (!flows.Balanced)
            {
                throw new InvalidOperationException($"Energy of home {home} is not conserved: {flows}.");
            }
        }

        return time;
    }

    private void Look(in EpochTime time)
    {
        if (!FollowPrices)
        {
            return;
        }

        for (var ahead = 0; ahead < _retail.Length; ahead++)
        {
            _retail[ahead] = _scenario.Prices.RetailAt(_weather.TimeOf(time.Epoch + ahead));
        }

        foreach (var prices in _prices)
        {
            prices.Look(time.Quarter, _retail);
        }
    }

    /// <summary>
    /// What the home expects at its meter: its forecast of what its devices give and draw, and what its battery will
    /// make of that.
    /// </summary>
    private void Plan(int home, in EpochTime time, long used)
    {
        var expected = _forecasters.Expect(home, time, used);
        _forecasters.Learn(home, time, expected, used);
        _expected[home] = expected;
        if (_homes[home].Battery is not { } battery)
        {
            return;
        }

        if (_plans[home] is { } plan)
        {
            var zone = _participants[home].Zone;
            var share = _prices[zone].Room(time.Quarter) / _planned[zone];
            _orders[home] = plan.Decide(battery, _prices[zone], time.Quarter, share);
            plan.Learn(time.Quarter, used);
        }

        var order = _orders[home];
        _expected[home] -= battery.Foresee(order.Wanted(expected), order.KeepWh).AcWh;
    }
}
