using GridTokenX.Community.MarketMode;
using GridTokenX.Community.Reports;

namespace GridTokenX.Community.Tests.MarketMode;

public sealed class DeterminismTests
{
    private static readonly RunOrigin Origin = new("test", "test");

    [Fact]
    public void Same_seed_gives_the_same_report_to_the_byte_on_any_number_of_threads()
    {
        var alone = Texts(Some.Finished(Some.Scenario()));
        var beside = new string[4][];
        Parallel.For(0, beside.Length, i => beside[i] = Texts(Some.Finished(Some.Scenario())));
        beside.ShouldAllBe(texts => texts.SequenceEqual(alone));
    }

    [Fact]
    public void Another_seed_gives_another_report() =>
        Texts(Some.Finished(Some.Scenario() with { Seed = 8 })).ShouldNotBe(Texts(Some.Finished(Some.Scenario())));

    /// <summary>
    /// Written down from a run on x86-64 Linux: a machine whose arithmetic differs would show here.
    /// </summary>
    [Fact]
    public void Report_is_the_same_on_every_machine()
    {
        var json = ReportText.Json(ReportBuilder.Of(Some.Finished(Some.Scenario()), Origin));
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(json));
        Convert.ToHexStringLower(hash)[..16].ShouldBe("d35f22dfa64b626e");
    }

    [Fact]
    public void A_home_lives_the_same_whoever_its_neighbours_are()
    {
        var scenario = Some.Scenario() with { Days = 1, Faults = [], Links = [] };
        var all = Some.Run(scenario);
        var first = Some.Run(scenario with { Groups = [scenario.Groups[0], scenario.Groups[1] with { Count = 1 }] });
        for (var epoch = 0; epoch < 24; epoch++)
        {
            all.Step();
            first.Step();
            all.Flows.Take(12).ShouldBe(first.Flows.Take(12));
        }
    }

    private static string[] Texts(MarketRun run)
    {
        var report = ReportBuilder.Of(run, Origin);
        return [ReportText.Json(report), ReportText.EpochsCsv(run), ReportText.HomesCsv(run), ReportPage.Of(report)];
    }
}
