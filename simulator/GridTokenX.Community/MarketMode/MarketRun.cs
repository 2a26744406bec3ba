using GridTokenX.Community.Devices;
using GridTokenX.Community.Forecasts;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Scenarios;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.MarketMode;

/// <summary>
/// Market mode: homes, agents and the product's order books in one process without any I/O. An epoch: every home's
/// devices live the quarter hour; every agent offers what it expected beforehand to have over or to lack; the market
/// clears; what was traded is paid, and what a meter shows beyond it is settled with the utility at its tariffs.
/// Energy and money are proven after every epoch. Beside it runs the world without a market: the same homes and
/// weather, nobody trades, every battery keeps its home's surplus. Only batteries on arbitrage differ in it, so only
/// they are there twice.
/// </summary>
internal sealed class MarketRun
{
    private readonly Scenario _scenario;
    private readonly WeatherProcess _weather;
    private readonly Home[] _homes;
    private readonly Participant[] _participants;
    private readonly Forecasters _forecasters;
    private readonly FaultPlan _faults;
    private readonly Trading _trading;
    private readonly Settlement _settlement;
    private readonly HomeFlows[] _flows;
    private readonly long[] _alone;
    private readonly long[] _expected;
    private readonly HomeTotals[] _totals;
    private readonly List<EpochRow> _rows;
    private readonly PriceMemory[] _prices;
    private readonly ArbitragePlan?[] _plans;
    private readonly int[] _planned;
    private readonly BatteryOrder[] _orders;
    private readonly long[] _retail = new long[EpochTime.PerDay];

    /// <param name="scenario">Valid.</param>
    /// <param name="profiles">Reads a file of measured power.</param>
    public MarketRun(Scenario scenario, Func<ProfileFile, EnergyProfile> profiles)
    {
        _scenario = scenario;
        _weather = new WeatherProcess(scenario.Site, scenario.Start, scenario.Seed);
        (_homes, _participants) = new HomeBuilder(scenario, profiles).Build();
        _forecasters = new Forecasters(
            [.. _participants.Select(participant => scenario.Groups[participant.Group].Forecast)]);
        _faults = new FaultPlan(scenario, _participants);
        _prices = [.. scenario.Zones.Select(_ => new PriceMemory(scenario.Prices.Base))];
        _trading = new Trading(scenario, _participants, _prices);
        _settlement = new Settlement(scenario, _homes.Length);
        _plans = Array.ConvertAll(_homes, static home =>
            home.Battery is { Strategy: BatteryStrategy.Arbitrage } ? new ArbitragePlan() : null);
        _planned = [.. scenario.Zones.Select((_, zone) =>
            _participants.Where((participant, home) => participant.Zone == zone && _plans[home] is not null).Count())];
        _orders = new BatteryOrder[_homes.Length];
        _flows = new HomeFlows[_homes.Length];
        _alone = new long[_homes.Length];
        _expected = new long[_homes.Length];
        _totals = new HomeTotals[_homes.Length];
        StoredAtStart = _homes.Sum(static home => home.Battery?.StoredWh ?? 0);
        _rows = new List<EpochRow>(Math.Min(scenario.Epochs, 1 << 20));
    }

    public Scenario Scenario => _scenario;

    public long Epoch => _rows.Count;

    /// <summary>Wh in all home batteries before the first epoch.</summary>
    public long StoredAtStart { get; }

    public bool IsFinished => _rows.Count == _scenario.Epochs;

    public IReadOnlyList<EpochRow> Rows => _rows;

    public IReadOnlyList<HomeTotals> Totals => _totals;

    public IReadOnlyList<Participant> Participants => _participants;

    public Forecasters Forecasts => _forecasters;

    public FaultPlan Faults => _faults;

    public Ledger Ledger => _settlement.Ledger;

    public IReadOnlyList<AgentTotals> Agents => _trading.Totals;

    /// <summary>The homes' flows of the last epoch.</summary>
    public IReadOnlyList<HomeFlows> Flows => _flows;

    public void Step()
    {
        var time = _weather.TimeOf(Epoch);
        var weather = _weather.Next(time);
        var row = new EpochRow
        {
            Retail = _scenario.Prices.RetailAt(time),
            FeedIn = _scenario.Prices.FeedIn,
        };
        _faults.MoveTo(time.Epoch);
        Live(time, weather, ref row);
        _trading.Open(time, row.Retail);
        for (var home = 0; home < _homes.Length; home++)
        {
            if (_faults[home] == MeterState.Honest)
            {
                _trading.Offer(home, _expected[home], _orders[home]);
            }
        }

        _trading.Clear(ref row);
        _settlement.Settle(_trading, _flows, _alone, _faults, _totals, ref row);
        _trading.Close();
        Prove(row);
        _rows.Add(row);
    }

    private void Live(in EpochTime time, in EpochWeather weather, ref EpochRow row)
    {
        Look(time);
        for (var home = 0; home < _homes.Length; home++)
        {
            var use = _homes[home].Use(time, weather);
            Plan(home, time, use.Net);
            var flows = _homes[home].Store(use, _orders[home]);
            _flows[home] = flows;
            _alone[home] = _homes[home].StoreAlone(use, flows);
            row.ImportAlone += Math.Max(0, -_alone[home]);
            row.ExportAlone += Math.Max(0, _alone[home]);
            _totals[home].Add(flows);
            row.Pv += flows.Pv;
            row.Wind += flows.Wind;
            row.Load += flows.Load;
            row.Vehicle += flows.Vehicle;
            row.Climate += flows.Climate;
            row.Charge += flows.Charge;
            row.Discharge += flows.Discharge;
            row.Losses += flows.Losses;
            row.Import += flows.Import;
            row.Export += flows.Export;
            row.Stored += _homes[home].Battery?.StoredWh ?? 0;
            if (!flows.Balanced)
            {
                throw new InvalidOperationException($"Energy of home {home} is not conserved: {flows}.");
            }
        }
    }

    private void Look(in EpochTime time)
    {
        if (Array.TrueForAll(_planned, static homes => homes == 0))
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

    /// <summary>What cannot be otherwise, looked at all the same.</summary>
    private void Prove(EpochRow row)
    {
        if (row.UtilityExport - row.UtilityImport + row.LinkLosses != row.Export - row.Import)
        {
            throw new InvalidOperationException($"Energy of epoch {Epoch} is not conserved: {row}.");
        }

        if (Ledger.Sum() != 0)
        {
            throw new InvalidOperationException($"Money of epoch {Epoch} is not conserved: {Ledger.Sum()} µGRX.");
        }
    }
}
