using System.Diagnostics.Metrics;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Deploy;

public sealed class DashboardTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly CloudHost _host = fixture.Host;

    [Fact]
    public async Task Dashboard_and_alarms_ask_for_what_the_cloud_core_tells()
    {
        var asked = MetricQueries.OfDashboard(RepositoryFiles.Read("deploy", "dashboards", "cloud-core.json"))
            .Concat(Alarms().SelectMany(static rule => rule.Value))
            .Distinct()
            .ToList();
        asked.Count.ShouldBeGreaterThan(20);
        using var answer = await _host.GetAsync(null, "/metrics");
        var shown = await answer.Content.ReadAsStringAsync();
        var told = Instruments();

        // What was never measured is not in the text yet.
        asked.Where(name => !told.Contains(name) && !shown.Contains($"# TYPE {name} ", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GridTokenXOutboxNeedsAHand", "gtx_outbox_attention")]
    [InlineData("GridTokenXBooksDifferFromChain", "gtx_reconciliation_differences")]
    [InlineData("GridTokenXBooksBehindChain", "gtx_books_behind_chain")]
    [InlineData("GridTokenXEpochNotCleared", "gtx_epoch_overdue_seconds")]
    [InlineData("GridTokenXChainAway", "gtx_chain_trouble_seconds")]
    [InlineData("GridTokenXChainBehind", "gtx_chain_unindexed")]
    public void There_is_an_alarm_for_what_an_operator_must_know(string alarm, string metric) =>
        Alarms()[alarm].ShouldContain(metric);

    [Fact]
    public void Every_metric_of_ours_is_in_the_operators_handbook()
    {
        var handbook = RepositoryFiles.Read("docs", "OPERATIONS.md");
        Instruments().Select(MetricQueries.FamilyOf).Distinct()
            .Where(name => !handbook.Contains($"`{name}", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    private static IReadOnlyDictionary<string, IReadOnlySet<string>> Alarms() => MetricQueries.OfRules(
        RepositoryFiles.Read("deploy", "dashboards", "alerts.yaml"), "gridtokenx-cloud-core");

    /// <summary>A histogram by the three names of its series.</summary>
    private static HashSet<string> Instruments()
    {
        var found = new HashSet<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name != CloudCore.Metrics.CloudMetrics.MeterName)
            {
                return;
            }

            var isHistogram = instrument.GetType().GetGenericTypeDefinition() == typeof(Histogram<>);
            found.UnionWith(isHistogram
                ? [$"{instrument.Name}_bucket", $"{instrument.Name}_sum", $"{instrument.Name}_count"]
                : [instrument.Name]);
        };
        listener.Start();
        return found;
    }
}
