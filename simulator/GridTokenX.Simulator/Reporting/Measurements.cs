using System.Text.Json;
using GridTokenX.Simulator.Profiles;

namespace GridTokenX.Simulator.Reporting;

/// <summary>A run as a benchmark: a JSON line a figure, as <c>./gridtokenx bench</c> prints them.</summary>
internal static class Measurements
{
    private const string Bench = "month";
    private const int CommunityMeters = 80;
    private const long CommunitySeconds = 30 * 86_400;
    private const int CommunitySessionQuarters = Quarter.PerDay;

    /// <summary>
    /// What the public GridTokenX publishes for its community month on a machine of its own, s: 230,400 readings,
    /// 2,396 orders, 353 settlements. That many orders are a trading session a day; other runs have no baseline.
    /// </summary>
    private const decimal PublishedSeconds = 1_008;

    /// <param name="report">Of a run that has ended.</param>
    /// <param name="sessionQuarters">From one trading session to the next, in quarter hours.</param>
    public static IEnumerable<string> Of(DemoReport report, int sessionQuarters)
    {
        var isCommunity = report.Homes == CommunityMeters && report.SimulatedSeconds == CommunitySeconds
            && sessionQuarters == CommunitySessionQuarters;
        yield return Line("wall", "s", report.WallSeconds, isCommunity ? PublishedSeconds : null);
        yield return Line("meters", "meters", report.Homes);
        yield return Line("simulated", "d", report.SimulatedSeconds / 86_400m);
        yield return Line("readings", "readings", report.Readings.Accepted);
        yield return Line("orders", "orders", report.Orders.Sell + report.Orders.Buy);
        yield return Line("settlements on chain", "settlements", report.Settlements.Completed);
        yield return Line("chain transactions", "transactions", report.Chain.Transactions);
        yield return Line("conserved", "yes=1", report.Problems.Count == 0 ? 1 : 0);
        foreach (var (phase, seconds) in report.Phases.OrderByDescending(static phase => phase.Value))
        {
            yield return Line($"wall of {phase}", "s", seconds);
        }

        if (report.ProcessorSeconds is not [.., var spent])
        {
            yield break;
        }

        foreach (var (part, seconds) in spent.OrderByDescending(static part => part.Value))
        {
            yield return Line($"processor of {part}", "s", seconds);
        }

        yield return Line("processor of all", "s", spent.Values.Sum());
    }

    private static string Line(string metric, string unit, decimal value, decimal? baseline = null)
    {
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            writer.WriteString("bench", Bench);
            writer.WriteString("metric", metric);
            writer.WriteString("unit", unit);
            writer.WriteNumber("value", value);
            if (baseline is { } published)
            {
                writer.WriteNumber("baseline", published);
                writer.WriteNumber("ratio", decimal.Round(value / published, 3));
            }

            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(line.ToArray());
    }
}
