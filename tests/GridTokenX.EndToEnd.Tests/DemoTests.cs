namespace GridTokenX.EndToEnd.Tests;

[Collection(nameof(UndisturbedRun))]
public sealed class DemoTests(UndisturbedRun undisturbed)
{
    [Fact]
    public async Task Neighbourhood_lives_one_day_and_everything_is_conserved()
    {
        var report = await DemoRun.ReportOfAsync("--homes", "8", "--days", "1", "--seed", "1");

        report.ShouldBeConserved();
        report.Number("homes").ShouldBe(8);
        report.Number("readings.accepted").ShouldBeGreaterThanOrEqualTo(8 * 96);
        report.Number("energy.minted_wh").ShouldBePositive();
        report.Number("matches").ShouldBePositive();
        report.Number("orders.partially_filled").ShouldBePositive();
        report.Number("locks.acknowledged").ShouldBePositive();
        report.Number("locks.released").ShouldBePositive();
        report.Number("settlements.value_ugrx").ShouldBePositive();
        report.Number("chain.compute_units.register_user").ShouldBeInRange(1, 5_300);
        report.Number("chain.compute_units.register_meter").ShouldBeInRange(1, 6_500);
        report.Number("chain.compute_units.create_sell_order").ShouldBeInRange(1, 6_000);
        report.Number("chain.compute_units.create_buy_order").ShouldBeInRange(1, 6_000);
        foreach (var several in (string[])["settle_match", "settle_and_mint_tokens", "release_order"])
        {
            report.Number($"chain.compute_units.{several}").ShouldBePositive();
        }
    }

    [Fact]
    public async Task Same_seed_gives_the_same_market()
    {
        var again = await DemoRun.ReportOfAsync(UndisturbedRun.Options);

        again.Market().ShouldBe(undisturbed.Report.Market());
        again.Number("matches").ShouldBePositive();
    }

    [Fact]
    public async Task Own_profiles_come_out_to_the_watt_hour()
    {
        using var profiles = new ProfileFiles();
        profiles.Write("load", "one", static quarter => 81.621m + (quarter % 7 * 13.37m));
        profiles.Write("load", "two", static quarter => quarter % 2 * 2_345.678m);
        profiles.Write("load", "three", static _ => 0.004m);
        profiles.Write("pv", "roof", static quarter => quarter is > 24 and < 72 ? 1_999.999m : 0);

        var report = await DemoRun.ReportOfAsync("--homes", "4", "--profiles", profiles.Folder, "--pv-scale", "2");

        report.ShouldBeConserved();
        var homes = report.GetProperty("neighbourhood").EnumerateArray().ToList();
        homes.Select(static home => home.At("load").GetString()).Distinct().Count().ShouldBe(3);
        foreach (var home in homes)
        {
            var load = profiles.WattHours(home.At("load").GetString()!);
            var pv = home.At("pv").GetString() is { } file ? 2 * profiles.WattHours(file) : 0;
            Math.Abs(home.Number("consumed_wh") - load).ShouldBeLessThan(1);
            Math.Abs(home.Number("produced_wh") - pv).ShouldBeLessThan(1);
        }
    }
}
