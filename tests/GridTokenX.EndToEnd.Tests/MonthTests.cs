using System.Text.Json;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>The community month in short: few meters, one day, a trading session each six hours.</summary>
public sealed class MonthTests
{
    private static readonly string[] Short = ["--meters", "6", "--days", "1", "--trade-every", "360", "--seed", "5"];

    [Fact]
    public async Task Community_is_conserved_and_the_same_seed_gives_the_same_bytes()
    {
        await using var first = DemoRun.StartMonth(Short);
        var report = await first.FinishAsync();
        await using var second = DemoRun.StartMonth(Short);
        var again = await second.FinishAsync();

        report.ShouldBeConserved();
        report.Number("readings.accepted").ShouldBe(6 * (96 + 3));
        report.Number("matches").ShouldBePositive();
        report.Number("energy.minted_wh").ShouldBePositive();
        again.At("fingerprint").GetString().ShouldBe(report.At("fingerprint").GetString());
        again.At("neighbourhood").GetRawText().ShouldBe(report.At("neighbourhood").GetRawText());

        var lines = first.Output.Where(static line => line.StartsWith('{')).ToList();
        Figure(lines, "conserved").ShouldBe(1);
        Figure(lines, "readings").ShouldBe(report.Number("readings.accepted"));
        Figure(lines, "settlements on chain").ShouldBe(report.Number("matches"));
        Figure(lines, "processor of core").ShouldBePositive();
        Figure(lines, "wall of devices").ShouldBePositive();
    }

    private static decimal Figure(IEnumerable<string> lines, string metric)
    {
        foreach (var line in lines)
        {
            using var figure = JsonDocument.Parse(line);
            if (figure.RootElement.GetProperty("metric").GetString() == metric)
            {
                return figure.RootElement.GetProperty("value").GetDecimal();
            }
        }

        throw new InvalidOperationException($"There is no figure {metric} among {string.Join(' ', lines)}");
    }
}
