using GridTokenX.Community.Agents;
using GridTokenX.Community.Devices;
using GridTokenX.Community.Numerics;
using GridTokenX.Community.Scenarios;
using GridTokenX.Community.Weather;
using GridTokenX.Market.CrossZone;
using GridTokenX.Market.Matching;

namespace GridTokenX.Community.MarketMode;

/// <summary>An epoch's trading in all zones: who offers what at which limit, and what comes of it.</summary>
internal sealed class Trading
{
    private readonly Scenario _scenario;
    private readonly Participant[] _participants;
    private readonly PriceMemory[] _prices;
    private readonly ZoneMarket[] _markets;
    private readonly List<int>[] _present;
    private readonly Welfare[] _welfare;
    private readonly ZoneSums[] _sums;
    private readonly Stance[] _stances;
    private readonly long[] _valuations;
    private readonly long[] _rests;
    private readonly long[] _orders;
    private readonly bool[] _fromBattery;
    private readonly AgentTotals[] _totals = new AgentTotals[Enum.GetValues<AgentKind>().Length];
    private readonly Stances _weighed;
    private readonly Draws _turns;
    private EpochTime _time;
    private long _retail;
    private long _bids;
    private long _asks;

    public Trading(Scenario scenario, Participant[] participants, PriceMemory[] prices)
    {
        _scenario = scenario;
        _participants = participants;
        _prices = prices;
        var perZone = scenario.Zones
            .Select((_, zone) => participants.Count(participant => participant.Zone == zone))
            .ToArray();
        _markets = [.. scenario.Zones.Select((name, zone) => new ZoneMarket(name, scenario.Market, perZone[zone]))];
        _present = [.. perZone.Select(static homes => new List<int>(homes))];
        _welfare = [.. perZone.Select(static _ => new Welfare())];
        _sums = new ZoneSums[_markets.Length];
        _stances = new Stance[participants.Length];
        _valuations = new long[participants.Length];
        _rests = new long[participants.Length];
        _orders = new long[participants.Length];
        _fromBattery = new bool[participants.Length];
        _weighed = new Stances(scenario);
        Curves = new ValuationCurves(scenario.Prices);
        _turns = Draws.For(scenario.Seed, "turn");
        foreach (var participant in participants)
        {
            _totals[(int)participant.Agent].Homes++;
        }
    }

    /// <summary>Of this epoch, in the order in which they happened, zone by zone, then across zones.</summary>
    public List<Trade> Trades { get; } = [];

    public IReadOnlyList<AgentTotals> Totals => _totals;

    /// <summary>Placed in the run so far: each would be an escrow on chain.</summary>
    public long Orders { get; private set; }

    /// <summary>Of them, taken back to be placed at another limit.</summary>
    public long Withdrawals { get; private set; }

    public ValuationCurves Curves { get; }

    public void Open(in EpochTime time, long retail)
    {
        _time = time;
        _retail = retail;
        _bids = 0;
        _asks = 0;
        Trades.Clear();
        for (var zone = 0; zone < _markets.Length; zone++)
        {
            _markets[zone].Open(time.Epoch);
            _present[zone].Clear();
            _welfare[zone].Clear();
            _sums[zone] = default;
        }
    }

    /// <summary>A home comes to the market with what it expects to have over, or to lack (below zero).</summary>
    public void Offer(int home, long expectedWh, BatteryOrder battery)
    {
        if (expectedWh == 0)
        {
            return;
        }

        var (_, zone, agent) = _participants[home];
        var side = expectedWh > 0 ? Side.Ask : Side.Bid;
        var energy = Math.Abs(expectedWh);
        var stance = _weighed.Of(_time.Epoch, home, side, _retail, battery.ImportWh > 0);
        _stances[home] = stance;
        _valuations[home] = stance.Valuation;
        _rests[home] = energy;
        _orders[home] = 0;
        _fromBattery[home] = battery.ExportWh > 0;
        _present[zone].Add(home);
        _totals[(int)agent].Offered += energy;
        Curves.Add(_time, stance, energy);
        if (side == Side.Bid)
        {
            _bids += energy;
            _sums[zone].Bids += energy;
            _welfare[zone].AddBid(energy, stance.Valuation);
        }
        else
        {
            _asks += energy;
            _sums[zone].Asks += energy;
            _welfare[zone].AddAsk(energy, stance.Valuation);
        }
    }

    public void Clear(ref EpochRow row)
    {
        row.Bids = _bids;
        row.Asks = _asks;
        for (var zone = 0; zone < _markets.Length; zone++)
        {
            ClearZone(zone, ref row);
        }

        var within = Trades.Count;
        MatchAcross();
        Count(within, ref row);
        for (var zone = 0; zone < _markets.Length; zone++)
        {
            _prices[zone].Learn(_time.Quarter, _sums[zone], _retail, _scenario.Prices.FeedIn);
        }
    }

    /// <summary>What is left of the orders leaves the books.</summary>
    public void Close()
    {
        foreach (var market in _markets)
        {
            market.Close();
        }
    }

    private void ClearZone(int zone, ref EpochRow row)
    {
        var market = _markets[zone];
        if (_scenario.Market.Rule == MarketRule.Continuous)
        {
            for (var round = 0; round < _scenario.Market.Rounds; round++)
            {
                Shuffle(_present[zone], zone, round);
                TakeTurns(zone, round);
            }
        }
        else
        {
            // Only what stands at the end matters, so only the last turn is played.
            TakeTurns(zone, _scenario.Market.Rounds - 1);
            market.Auction();
        }

        var most = _welfare[zone].Most();
        row.WelfareMost += most.Welfare.Value;
        row.VolumeMost += most.Volume.Value;
        row.Welfare += Welfare.Of(market.Trades, _valuations);
        Trades.AddRange(market.Trades);
    }

    private void TakeTurns(int zone, int round)
    {
        var market = _markets[zone];
        foreach (var home in _present[zone])
        {
            if (_orders[home] != 0)
            {
                if (!Reprices(_participants[home].Agent))
                {
                    continue;
                }

                _rests[home] = market.Withdraw(_orders[home]);
                Withdrawals += _rests[home] > 0 ? 1 : 0;
            }

            if (_rests[home] > 0)
            {
                var limit = _weighed.Limit(
                    _participants[home].Agent, _stances[home], _time.Epoch, round, home);
                _orders[home] = market.Place(home, _stances[home].Side, limit, _rests[home]);
                Orders++;
            }
        }
    }

    private static bool Reprices(AgentKind kind) => kind is AgentKind.ZeroIntelligence or AgentKind.TimePressure;

    /// <summary>Who comes first changes with every turn (Fisher and Yates), and follows from the seed.</summary>
    private void Shuffle(List<int> homes, int zone, int round)
    {
        var step = (((_time.Epoch * 64) + round) * 128) + zone;
        for (var i = homes.Count - 1; i > 0; i--)
        {
            var j = (int)_turns.Between(step, i, 0L, i);
            (homes[i], homes[j]) = (homes[j], homes[i]);
        }
    }

    private void MatchAcross()
    {
        if (_scenario.Links.Count == 0 || Array.TrueForAll(_markets, static market => market.IsEmpty))
        {
            return;
        }

        var zones = Array.ConvertAll(_markets, static market => market.Orders());
        foreach (var match in CrossZoneCycle.Match(zones, _scenario.Links))
        {
            Trades.Add(new Trade(
                HomeOf(match.BuyerZone, match.Bid), HomeOf(match.SellerZone, match.Ask), match.Sent.Value,
                match.Arriving.Value, match.Price.Value, match.Value.Value, match.Wheeling.Value));
        }
    }

    private int HomeOf(string zone, long sequence) =>
        Array.Find(_markets, market => market.Name == zone)!.HomeOf(sequence);

    private void Count(int within, ref EpochRow row)
    {
        for (var i = 0; i < Trades.Count; i++)
        {
            var trade = Trades[i];
            row.Trades++;
            row.Traded += trade.ArrivingWh;
            row.TradedAcross += i >= within ? trade.ArrivingWh : 0;
            row.LinkLosses += trade.SentWh - trade.ArrivingWh;
            row.Value += trade.Value;
            row.PriceLow = row.PriceLow == 0 ? trade.Price : Math.Min(row.PriceLow, trade.Price);
            row.PriceHigh = Math.Max(row.PriceHigh, trade.Price);
            var (worth, cost) = (Worth(trade.Buyer, trade.ArrivingWh), Worth(trade.Seller, trade.SentWh));
            Credit(trade.Buyer, trade.ArrivingWh, worth - trade.Value - trade.Wheeling);
            Credit(trade.Seller, trade.SentWh, trade.Value - cost);
            Sum(trade);
        }
    }

    private void Sum(in Trade trade)
    {
        ref var buyers = ref _sums[_participants[trade.Buyer].Zone];
        buyers.Bought += trade.ArrivingWh;
        buyers.Paid += trade.Value + trade.Wheeling;
        ref var sellers = ref _sums[_participants[trade.Seller].Zone];
        sellers.Sold += trade.SentWh;
        sellers.Earned += trade.Value;
        sellers.SoldByBatteries += _fromBattery[trade.Seller] ? trade.SentWh : 0;
    }

    private long Worth(int home, long energyWh) => (long)((Int128)energyWh * _valuations[home] / 1_000);

    private void Credit(int home, long energyWh, long surplus)
    {
        ref var totals = ref _totals[(int)_participants[home].Agent];
        totals.Traded += energyWh;
        totals.Surplus += surplus;
    }
}
