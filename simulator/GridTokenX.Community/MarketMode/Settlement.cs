using GridTokenX.Community.Devices;
using GridTokenX.Community.Scenarios;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Community.MarketMode;

/// <summary>
/// Pays an epoch's trades, and settles with the utility what each meter shows beyond them: who sold more than he had
/// buys the rest at retail, who bought more than he used sells it at feed-in. Every value is rounded down to the µGRX.
/// </summary>
internal sealed class Settlement(Scenario scenario, int homes)
{
    private readonly long[] _traded = new long[homes];

    public Ledger Ledger { get; } = new(homes);

    /// <param name="trading">Cleared.</param>
    /// <param name="flows">Of the homes with the market.</param>
    /// <param name="alone">What their meters would show without it.</param>
    /// <param name="faults">Which meters are not as they should be.</param>
    /// <param name="totals">Grow.</param>
    /// <param name="row">Gets the exchange with the utility.</param>
    public void Settle(
        Trading trading, HomeFlows[] flows, long[] alone, FaultPlan faults, HomeTotals[] totals, ref EpochRow row)
    {
        Array.Clear(_traded);
        foreach (var trade in trading.Trades)
        {
            Pay(trade);
            _traded[trade.Buyer] += trade.ArrivingWh;
            _traded[trade.Seller] -= trade.SentWh;
            totals[trade.Buyer].Bought += trade.ArrivingWh;
            totals[trade.Seller].Sold += trade.SentWh;
        }

        var tariff = new Tariff(row.Retail, row.FeedIn);
        for (var home = 0; home < homes; home++)
        {
            var residual = flows[home].Net + _traded[home];
            row.UtilityExport += Math.Max(0, residual);
            row.UtilityImport += Math.Max(0, -residual);
            SettleWithUtility(home, residual, faults[home], tariff, ref totals[home]);
            totals[home].Alone += Balance(alone[home], faults[home], tariff);
        }

        foreach (var (fault, cheating) in faults.Applied)
        {
            if (fault.Kind == FaultKind.CheatingMeter)
            {
                CountClaims(fault, cheating, flows, faults, totals);
            }
        }
    }

    private void Pay(in Trade trade)
    {
        var fee = new MicroGrx(trade.Value).Fee(scenario.Market.FeeBasisPoints).Value;
        Ledger.Transfer(trade.Buyer, trade.Seller, trade.Value - fee);
        Ledger.Transfer(trade.Buyer, Ledger.Fees, fee);
        Ledger.Transfer(trade.Buyer, Ledger.Grid, trade.Wheeling);
    }

    private void SettleWithUtility(
        int home, long residual, MeterState meter, Tariff tariff, ref HomeTotals totals)
    {
        Ledger.Transfer(Ledger.Utility, home, Balance(residual, meter, tariff));
        if (meter == MeterState.Refused && residual > 0)
        {
            totals.Unpaid += residual;
        }
    }

    /// <summary>What the utility owes for energy at a meter; below zero what the home owes.</summary>
    private static long Balance(long energyWh, MeterState meter, Tariff tariff)
    {
        if (energyWh < 0)
        {
            return -new PricePerKwh(tariff.Retail).ValueOf(new WattHours(-energyWh)).Value;
        }

        return meter == MeterState.Refused
            ? 0
            : new PricePerKwh(tariff.FeedIn).ValueOf(new WattHours(energyWh)).Value;
    }

    private static void CountClaims(
        Fault fault, int[] cheating, HomeFlows[] flows, FaultPlan faults, HomeTotals[] totals)
    {
        foreach (var home in cheating)
        {
            if (faults[home] == MeterState.Refused)
            {
                totals[home].FalseClaims += (long)Math.Round(flows[home].Generation * (fault.Factor - 1));
            }
        }
    }

    /// <summary>The utility's, µGRX per kWh.</summary>
    private readonly record struct Tariff(long Retail, long FeedIn);
}
