using System.Globalization;
using System.Text;
using GridTokenX.Community.Reports;

namespace GridTokenX.Simulator.Reporting;

/// <summary>A run on real parts as CSV: energies in Wh, prices in GRX per kWh, balances in base units.</summary>
internal static class StackTables
{
    public static string Epochs(IReadOnlyList<StackQuarter> quarters)
    {
        var text = new StringBuilder(
            "time,zone,produced_wh,consumed_wh,traded_wh,trades,price,price_low,price_high,welfare_share,"
            + "volume_share\n");
        foreach (var quarter in quarters)
        {
            var market = quarter.Market;
            _ = text.Append(
                CultureInfo.InvariantCulture,
                $"{quarter.Start.UtcDateTime:yyyy-MM-dd'T'HH:mm'Z'},{quarter.Zone},{quarter.ProducedWh},"
                + $"{quarter.ConsumedWh},{(market?.VolumeKwh ?? 0) * 1_000:0},{market?.Trades ?? 0},"
                + $"{market?.ClearingPrice},{market?.LowPrice},{market?.HighPrice},{market?.Fairness?.WelfareShare},"
                + $"{market?.Fairness?.VolumeShare}\n");
        }

        return text.ToString();
    }

    public static string Homes(DemoReport report)
    {
        var text = new StringBuilder(
            "meter,role,load,pv,produced_wh,consumed_wh,minted_wh,grid_base_units,ugrx\n");
        foreach (var home in report.Neighbourhood)
        {
            _ = text.Append(
                CultureInfo.InvariantCulture,
                $"{home.Meter},{home.Role},{ReportText.Quoted(home.Load)},"
                + $"{ReportText.Quoted(home.Pv ?? string.Empty)},{home.ProducedWh},"
                + $"{home.ConsumedWh},{home.MintedWh},{home.GridBaseUnits},{home.Ugrx}\n");
        }

        return text.ToString();
    }
}
