using GridTokenX.Community.Devices;
using GridTokenX.Community.Weather;

namespace GridTokenX.Community.MarketMode;

/// <summary>
/// What a home's battery on arbitrage does next, by what the home gave and drew at each quarter hour of the days
/// before and by the prices ahead. It keeps the home's surplus for the home, as every battery; besides, it saves its
/// energy for need that will cost more than now, buys of the utility for such need when that pays after the losses,
/// evenly over the cheap quarter hours that are left, and sells in the dearest fifth of the day what the home will not
/// need itself, as much as its zone had room for.
/// </summary>
internal sealed class ArbitragePlan
{
    private const long NewPermille = 300;

    private readonly long[] _net = new long[EpochTime.PerDay];
    private int _known;

    /// <summary>
    /// On the first day it knows nothing, and under a flat tariff shifting gains less than a wrong forecast costs: then
    /// the battery keeps its home's surplus.
    /// </summary>
    /// <param name="battery">Whose cells it plans.</param>
    /// <param name="prices">Of the home's zone; they have looked at this quarter hour.</param>
    /// <param name="quarter">Of the day.</param>
    /// <param name="shareWh">Of what its zone's bids have room for.</param>
    public BatteryOrder Decide(Battery battery, PriceMemory prices, int quarter, long shareWh)
    {
        if (_known < EpochTime.PerDay || prices.IsFlat)
        {
            return default;
        }

        var worthBuying = (long)(prices.Retail(0) / battery.RoundTrip);
        var wanted = NeededCells(battery, prices, quarter, worthBuying);
        if (wanted > battery.StoredWh)
        {
            var turns = CheapTurns(prices, quarter, worthBuying);
            var lacking = battery.Into(wanted - battery.StoredWh);
            return new BatteryOrder((lacking + turns - 1) / turns, wanted, 0);
        }

        // Without the margin, noise of the prices would keep energy until nobody needs it.
        var keep = NeededCells(battery, prices, quarter, (long)(prices.Avoidable(0) / battery.RoundTrip));
        return new BatteryOrder(0, keep, ExportWh(battery, prices, quarter, shareWh));
    }

    /// <summary>Tells what the home's other devices gave and drew: positive is surplus.</summary>
    public void Learn(int quarter, long netWh)
    {
        _net[quarter] += _known < EpochTime.PerDay ? netWh : (netWh - _net[quarter]) * NewPermille / 1_000;
        _known = Math.Min(_known + 1, EpochTime.PerDay);
    }

    /// <summary>
    /// What the cells must hold now to serve all own need of the next day that costs more than this, as own surplus
    /// before it will not.
    /// </summary>
    private long NeededCells(Battery battery, PriceMemory prices, int quarter, long price)
    {
        long needed = 0;
        for (var ahead = EpochTime.PerDay - 1; ahead > 0; ahead--)
        {
            var net = _net[(quarter + ahead) % EpochTime.PerDay];
            if (net > 0)
            {
                needed = Math.Max(0, needed - battery.OutOf(Math.Min(net, battery.MostWh)));
            }
            else if (prices.Avoidable(ahead) > price)
            {
                needed = Math.Min(battery.UsableWh, needed + battery.Into(Math.Min(-net, battery.MostWh)));
            }
        }

        return needed;
    }

    /// <summary>Quarter hours as cheap as this one, with it, before the first need that is worth buying for.</summary>
    private int CheapTurns(PriceMemory prices, int quarter, long worthBuying)
    {
        var turns = 1;
        for (var ahead = 1; ahead < EpochTime.PerDay; ahead++)
        {
            if (_net[(quarter + ahead) % EpochTime.PerDay] < 0 && prices.Avoidable(ahead) > worthBuying)
            {
                break;
            }

            turns += prices.Retail(ahead) <= prices.Retail(0) ? 1 : 0;
        }

        return turns;
    }

    private long ExportWh(Battery battery, PriceMemory prices, int quarter, long shareWh)
    {
        // What is sold now must be replaced when it is cheap.
        var earnings = prices.Earnings(quarter);
        if (prices.At(quarter) < prices.Dear || earnings * battery.RoundTrip <= prices.Cheap)
        {
            return 0;
        }

        var spare = battery.StoredWh - NeededCells(battery, prices, quarter, earnings);
        return Math.Clamp(battery.OutOf(Math.Max(0, spare)) + _net[quarter], 0, shareWh);
    }
}
