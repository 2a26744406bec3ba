using GridTokenX.Community.Devices;
using GridTokenX.Community.Forecasts;
using GridTokenX.Community.Profiles;
using GridTokenX.Community.Scenarios;

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
    private readonly Households _households;
    private readonly FaultPlan _faults;
    private readonly Trading _trading;
    private readonly Settlement _settlement;
    private readonly Mints _mints;
    private readonly HomeTotals[] _totals;
    private readonly List<EpochRow> _rows;

    /// <param name="scenario">Valid.</param>
    /// <param name="profiles">Reads a file of measured power.</param>
    public MarketRun(Scenario scenario, Func<ProfileFile, EnergyProfile> profiles)
    {
        _scenario = scenario;
        _households = new Households(scenario, profiles);
        _faults = new FaultPlan(scenario, _households.Participants);
        _trading = new Trading(scenario, _households.Participants, _households.Prices);
        _settlement = new Settlement(scenario, _households.Count);
        _mints = new Mints(_households.Count);
        _totals = new HomeTotals[_households.Count];
        StoredAtStart = _households.Homes.Sum(static home => home.Battery?.StoredWh ?? 0);
        _rows = new List<EpochRow>(Math.Min(scenario.Epochs, 1 << 20));
    }

    public Scenario Scenario => _scenario;

    public long Epoch => _rows.Count;

    /// <summary>Wh in all home batteries before the first epoch.</summary>
    public long StoredAtStart { get; }

    public bool IsFinished => _rows.Count == _scenario.Epochs;

    public IReadOnlyList<EpochRow> Rows => _rows;

    public IReadOnlyList<HomeTotals> Totals => _totals;

    public IReadOnlyList<Participant> Participants => _households.Participants;

    public Forecasters Forecasts => _households.Forecasts;

    public FaultPlan Faults => _faults;

    public Ledger Ledger => _settlement.Ledger;

    public IReadOnlyList<AgentTotals> Agents => _trading.Totals;

    /// <summary>The homes' flows of the last epoch.</summary>
    public IReadOnlyList<HomeFlows> Flows => _households.Flows;

    public Mints Mints => _mints;

    /// <summary>Orders placed so far, and those taken back to be placed anew.</summary>
    public (long Placed, long Withdrawn) Orders => (_trading.Orders, _trading.Withdrawals);

    public ValuationCurves Curves => _trading.Curves;

    /// <summary>Of the last epoch.</summary>
    public IReadOnlyList<Trade> Trades => _trading.Trades;

    public void Step()
    {
        var time = _households.Live(Epoch);
        var row = new EpochRow
        {
            Retail = _scenario.Prices.RetailAt(time),
            FeedIn = _scenario.Prices.FeedIn,
        };
        _faults.MoveTo(time.Epoch);
        Count(ref row);
        _mints.Add(_households.Flows, _faults);
        _trading.Open(time, row.Retail);
        for (var home = 0; home < _households.Count; home++)
        {
            if (_faults[home] == MeterState.Honest)
            {
                _trading.Offer(home, _households.Expected[home], _households.Orders[home]);
            }
        }

        _trading.Clear(ref row);
        _settlement.Settle(_trading, _households.Flows, _households.Alone, _faults, _totals, ref row);
        _trading.Close();
        Prove(row);
        _rows.Add(row);
    }

    private void Count(ref EpochRow row)
    {
        for (var home = 0; home < _households.Count; home++)
        {
            var flows = _households.Flows[home];
            var alone = _households.Alone[home];
            row.ImportAlone += Math.Max(0, -alone);
            row.ExportAlone += Math.Max(0, alone);
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
            row.Stored += _households.Homes[home].Battery?.StoredWh ?? 0;
        }
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
