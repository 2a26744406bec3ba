using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Scenarios;

namespace GridTokenX.Community.Reports;

/// <summary>A report as JSON, and a run's tables as CSV.</summary>
internal static class ReportText
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Json(RunReport report) => JsonSerializer.Serialize(report, Options) + "\n";

    /// <exception cref="JsonException">This is no report.</exception>
    public static RunReport Read(string json) =>
        JsonSerializer.Deserialize<RunReport>(json, Options) ?? throw new JsonException("The report is empty.");

    /// <summary>A line an epoch; Wh, µGRX, µGRX per kWh. Its sums are the report's.</summary>
    public static string EpochsCsv(MarketRun run)
    {
        var text = new StringBuilder(
            "time,pv_wh,wind_wh,load_wh,vehicle_wh,climate_wh,battery_charge_wh,battery_discharge_wh,losses_wh,"
            + "meter_import_wh,meter_export_wh,stored_wh,bids_wh,asks_wh,traded_wh,traded_across_wh,link_losses_wh,"
            + "trades,value_ugrx,price,price_low,price_high,retail,feed_in,welfare_ugrx,welfare_most_ugrx,"
            + "utility_import_wh,utility_export_wh,import_without_market_wh,export_without_market_wh\n");
        var start = run.Scenario.Start.ToDateTime(TimeOnly.MinValue);
        for (var epoch = 0; epoch < run.Rows.Count; epoch++)
        {
            var row = run.Rows[epoch];
            text.Append(start.AddMinutes(epoch * 15).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture));
            long?[] values =
            [
                row.Pv, row.Wind, row.Load, row.Vehicle, row.Climate, row.Charge, row.Discharge, row.Losses,
                row.Import, row.Export, row.Stored, row.Bids, row.Asks, row.Traded, row.TradedAcross, row.LinkLosses,
                row.Trades, row.Value, OrNone(row.Price), OrNone(row.PriceLow), OrNone(row.PriceHigh), row.Retail,
                row.FeedIn, row.Welfare, row.WelfareMost, row.UtilityImport, row.UtilityExport,
                row.ImportAlone, row.ExportAlone,
            ];
            foreach (var value in values)
            {
                text.Append(CultureInfo.InvariantCulture, $",{value}");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Of <see cref="TradeLines"/>.</summary>
    public const string TradeHeader =
        "time,buyer,seller,sent_wh,arriving_wh,price_ugrx_per_kwh,value_ugrx,wheeling_ugrx\n";

    /// <summary>A line for each trade of the last quarter hour, in the order in which they happened.</summary>
    public static string TradeLines(MarketRun run)
    {
        var text = new StringBuilder();
        var time = run.Scenario.Start.ToDateTime(TimeOnly.MinValue).AddMinutes((run.Epoch - 1) * 15)
            .ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
        foreach (var trade in run.Trades)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{time},{trade.Buyer + 1},{trade.Seller + 1},{trade.SentWh},{trade.ArrivingWh},{trade.Price},"
                + $"{trade.Value},{trade.Wheeling}\n");
        }

        return text.ToString();
    }

    /// <summary>A line a home; Wh and µGRX. A bill above zero is to be paid.</summary>
    public static string HomesCsv(MarketRun run)
    {
        var text = new StringBuilder(
            "home,group,zone,agent,generation_wh,consumption_wh,import_wh,export_wh,bought_wh,sold_wh,"
            + "bill_without_market_ugrx,bill_with_market_ugrx,unpaid_wh\n");
        for (var home = 0; home < run.Totals.Count; home++)
        {
            var totals = run.Totals[home];
            var who = run.Participants[home];
            text.Append(
                CultureInfo.InvariantCulture,
                $"{home + 1},{Quoted(run.Scenario.Groups[who.Group].Name)},{Quoted(run.Scenario.Zones[who.Zone])},"
                + $"{FieldName.Of(who.Agent)},{totals.Generation},"
                + $"{totals.Consumption},{totals.Import},{totals.Export},{totals.Bought},{totals.Sold},"
                + $"{-totals.Alone},{-run.Ledger[home]},{totals.Unpaid}\n");
        }

        return text.ToString();
    }

    private static long? OrNone(long price) => price == 0 ? null : price;

    /// <summary>A field of CSV, in quotes where it needs them (RFC 4180).</summary>
    internal static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
