using System.Globalization;
using GridTokenX.Community.Reports;

namespace GridTokenX.Community.Tests.Reports;

public sealed class ReportTests
{
    private static readonly RunOrigin Origin = new("1.2.3", "./gridtokenx simulate some.yaml --seed 7");

    [Fact]
    public void Csv_totals_are_the_report_s_exactly()
    {
        var run = Some.Finished(Some.Scenario());
        var report = ReportBuilder.Of(run, Origin);
        var epochs = Table(ReportText.EpochsCsv(run));
        epochs.Rows.ShouldBe(96);
        epochs.Sum("pv_wh").ShouldBe(report.EnergyWh.Pv);
        epochs.Sum("losses_wh").ShouldBe(report.EnergyWh.Losses);
        epochs.Sum("traded_wh").ShouldBe(report.Market.TradedWh);
        epochs.Sum("value_ugrx").ShouldBe(report.Market.ValueUgrx);
        epochs.Sum("trades").ShouldBe(report.Market.Trades);
        epochs.Sum("utility_import_wh").ShouldBe(report.EnergyWh.UtilityImport);
        var homes = Table(ReportText.HomesCsv(run));
        homes.Rows.ShouldBe(40);
        homes.Sum("import_wh").ShouldBe(report.EnergyWh.MeterImport);
        homes.Sum("bought_wh").ShouldBe(report.Market.TradedWh);
        homes.Sum("bill_with_market_ugrx").ShouldBe(report.Bills.WithMarket);
        homes.Sum("bill_without_market_ugrx").ShouldBe(report.Bills.WithoutMarket);
    }

    [Fact]
    public void Report_survives_being_written_and_read()
    {
        var json = ReportText.Json(ReportBuilder.Of(Some.Finished(Some.Scenario()), Origin));
        ReportText.Json(ReportText.Read(json)).ShouldBe(json);
        json.ShouldContain("\"command\": \"./gridtokenx simulate some.yaml --seed 7\"");
        json.ShouldContain("\"version\": \"1.2.3\"");
    }

    [Fact]
    public void Trading_with_neighbours_pays_for_both_together()
    {
        var village = Some.Scenario(Some.ReadyScenario("village")) with { Days = 3 };
        var report = ReportBuilder.Of(Some.Finished(village), Origin);
        report.Bills.WithMarket.ShouldBeLessThan(report.Bills.WithoutMarket);
        report.SelfSufficiency.Traded!.Value.ShouldBeInRange(
            report.SelfSufficiency.Alone!.Value, report.SelfSufficiency.Community!.Value);
        report.Co2Kg.WithMarket.ShouldBeLessThan(report.Co2Kg.WithoutMarket);
        report.Forecasts.Single().Mae!.Value.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Stopped_run_has_a_report_that_says_so()
    {
        var run = Some.Run(Some.Scenario());
        for (var epoch = 0; epoch < 10; epoch++)
        {
            run.Step();
        }

        var report = ReportBuilder.Of(run, Origin);
        report.Run.Complete.ShouldBeFalse();
        report.Run.Epochs.ShouldBe(10);
        ReportPage.Of(report).ShouldContain("The run was stopped: the report covers 10 of 96 quarter hours.");
        ReportPage.Of(ReportBuilder.Of(Some.Run(Some.Scenario()), Origin)).ShouldContain("</html>");
    }

    [Fact]
    public void Page_fetches_nothing_and_escapes_what_it_was_given()
    {
        var scenario = Some.Scenario() with { Name = "<script>alert(1)</script>" };
        var page = ReportPage.Of(ReportBuilder.Of(Some.Finished(scenario), Origin));
        page.ShouldNotContain("<script>alert");
        page.ShouldContain("&lt;script&gt;alert");
        page.ShouldNotContain("src=");
        page.Replace("http://www.w3.org/2000/svg", string.Empty).ShouldNotContain("http");
        page.ShouldNotContain("NaN");
    }

    [Fact]
    public void Comparison_shows_the_second_less_the_first()
    {
        var first = ReportBuilder.Of(Some.Finished(Some.Scenario()), Origin);
        var second = ReportBuilder.Of(Some.Finished(Some.Scenario() with { Seed = 8 }), Origin);
        var traded = Comparison.Figures(first, second).Single(static figure => figure.Name == "traded");
        traded.Change.ShouldBe((second.Market.TradedWh - first.Market.TradedWh) / 1_000m);
        Comparison.Figures(first, first).ShouldAllBe(static figure => figure.Change == null || figure.Change == 0);
        Comparison.Page(first, second).ShouldContain("seed 8");
    }

    [Theory]
    [InlineData(0.3, 0.5)]
    [InlineData(1, 1)]
    [InlineData(17, 20)]
    [InlineData(0.021, 0.05)]
    [InlineData(6_000, 10_000)]
    public void Axes_step_by_round_numbers(double wanted, double step) =>
        Plot.RoundStep((decimal)wanted).ShouldBe((decimal)step);

    private static CsvTable Table(string csv) => new(csv);

    private sealed class CsvTable(string csv)
    {
        private readonly string[][] _rows =
            [.. csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static row => row.Split(','))];

        public int Rows => _rows.Length - 1;

        public long Sum(string column)
        {
            var at = Array.IndexOf(_rows[0], column);
            return _rows.Skip(1).Sum(row => long.Parse(row[at], CultureInfo.InvariantCulture));
        }
    }
}
