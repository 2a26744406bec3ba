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
/// Energy and money are proven after every epoch.
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
    private readonly long[] _expected;
    private readonly HomeTotals[] _totals;
    private readonly List<EpochRow> _rows;
    private readonly PriceMemory[] _prices;

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
        _flows = new HomeFlows[_homes.Length];
        _expected = new long[_homes.Length];
        _totals = new HomeTotals[_homes.Length];
        _rows = new List<EpochRow>(Math.Min(scenario.Epochs, 1 << 20));
    }

    public Scenario Scenario => _scenario;

    public long Epoch => _rows.Count;

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
            _expected[home] = _forecasters.Expect(home, time, _flows[home].Net);
            if (_faults[home] == MeterState.Honest)
            {
                _trading.Offer(home, _expected[home], RoundTripOf(home));
            }

            _forecasters.Learn(home, time, _expected[home], _flows[home].Net);
        }

        _trading.Clear(ref row);
        _settlement.Settle(_trading, _flows, _faults, _totals, ref row);
        _trading.Close();
        Prove(row);
        _rows.Add(row);
    }

    private void Live(in EpochTime time, in EpochWeather weather, ref EpochRow row)
    {
        foreach (var prices in _prices)
        {
            prices.Look();
        }

        for (var home = 0; home < _homes.Length; home++)
        {
            var flows = _homes[home].Step(time, weather, SignalOf(home, time.Quarter));
            _flows[home] = flows;
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

    private double RoundTripOf(int home) => _homes[home].Battery?.RoundTrip ?? 1;

    /// <summary>Only a battery that gains by the day's spread of prices, after its losses, follows them.</summary>
    private PriceSignal SignalOf(int home, int quarter)
    {
        if (_homes[home].Battery is not { Strategy: BatteryStrategy.Arbitrage } battery)
        {
            return PriceSignal.Ordinary;
        }

        var prices = _prices[_participants[home].Zone];
        if (prices.Dear * battery.RoundTrip <= prices.Cheap)
        {
            return PriceSignal.Ordinary;
        }

        var expected = prices.At(quarter);
        if (expected <= prices.Cheap)
        {
            return PriceSignal.Cheap;
        }

        return expected >= prices.Dear ? PriceSignal.Dear : PriceSignal.Ordinary;
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
