using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

public sealed class DashboardTests
{
    [Fact]
    public async Task Dashboard_and_alarms_ask_for_what_the_gateway_tells()
    {
        var asked = MetricQueries.OfDashboard(RepositoryFiles.Read("deploy", "dashboards", "gateway.json"))
            .Concat(MetricQueries
                .OfRules(RepositoryFiles.Read("deploy", "dashboards", "alerts.yaml"), "gridtokenx-gateways")
                .SelectMany(static rule => rule.Value))
            .Distinct()
            .ToList();
        asked.Count.ShouldBeGreaterThan(9);
        await using var world = await World.StartAsync();
        using var http = new HttpClient();

        // The series of refusals come with the first one.
        await world.Fleet.SendAsync($"gtx/v1/{world.DeviceName}/reading", "{"u8.ToArray());
        var text = string.Empty;
        await Eventually.HoldsAsync(async () =>
        {
            text = await http.GetStringAsync(new Uri($"{world.Url}/metrics"));
            return text.Contains("gtx_refused_total", StringComparison.Ordinal);
        });

        asked.Where(name => !text.Contains($"# TYPE {name} ", StringComparison.Ordinal)).ShouldBeEmpty();
    }
}
