using System.Net;
using System.Text;
using System.Text.Json;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Metrics;
using GridTokenX.CloudCore.Tests.Live;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GridTokenX.CloudCore.Tests.Metrics;

public sealed class MetricsTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly CloudHost _host = fixture.Host;

    [Fact]
    public async Task Readings_are_counted_by_what_became_of_them()
    {
        await using var host = await CloudHost.StartAsync();
        using var home = await VirtualHome.RegisteredAsync(host);
        using var stranger = new VirtualHome();
        _ = await host.AdvanceAsync(CloudHost.Noon.AddDays(1));
        var readings = home.Readings(3).Append(stranger.Reading(1)).ToList();
        for (var i = 0; i < 2; i++)
        {
            var lines = readings.Select(static r => JsonSerializer.Serialize(r, ProtocolJson.Default.SignedReading));
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
            using var answer = await host.Client(home.Gateway).PostAsync(home.ReadingsPath, content);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var text = await TextAsync(host, "/metrics");
        text.ShouldContain("# TYPE gtx_readings_accepted_total counter\ngtx_readings_accepted_total 3\n");
        text.ShouldContain("\ngtx_readings_duplicate_total 3\n");
        text.ShouldContain($"\ngtx_refused_total{{code=\"{ProblemCodes.UnknownDevice}\"}} 2\n");
        text.ShouldContain("\ngtx_batch_readings_bucket{le=\"1\"} 0\ngtx_batch_readings_bucket{le=\"5\"} 2\n");
        text.ShouldContain("\ngtx_batch_readings_bucket{le=\"+Inf\"} 2\ngtx_batch_readings_sum 8\n");
        text.ShouldContain("\ngtx_verify_seconds_count 1\n");
        text.ShouldContain("\ngtx_commit_batches_sum 2\n");
        text.ShouldContain("gtx_request_seconds_count{status=\"2xx\"} ");
        text.ShouldContain("\n# TYPE gtx_outbox_open gauge\n");
        text.ShouldContain("db_client_connection");
    }

    [Fact]
    public async Task The_outboxs_depth_is_read_from_the_database()
    {
        await using var host = await CloudHost.StartAsync();
        using var home = await VirtualHome.RegisteredAsync(host);
        var open = await host.CountAsync("chain_outbox where status in ('pending', 'sent')");
        open.ShouldBeGreaterThan(0);

        await host.Services.GetRequiredService<DatabaseGauges>().RefreshAsync(CancellationToken.None);

        (await TextAsync(host, "/metrics")).ShouldContain($"\ngtx_outbox_open {open}\n");
    }

    [Fact]
    public async Task An_epoch_that_has_ended_and_is_not_cleared_shows_since_when()
    {
        await using var host = await CloudHost.StartAsync();
        await using var command = host.Database.CreateCommand(
            """
            insert into epochs (zone, number, starts_at, ends_at, status) values
                ('late', 1, $1 - interval '75 minutes', $1 - interval '60 minutes', 'active'),
                ('late', 2, $1 - interval '15 minutes', $1 + interval '1 minute', 'active'),
                ('done', 1, $1 - interval '3 hours', $1 - interval '2 hours', 'cleared')
            """);
        command.Parameters.Add(new() { Value = host.Now });
        _ = await command.ExecuteNonQueryAsync();

        await host.Services.GetRequiredService<DatabaseGauges>().RefreshAsync(CancellationToken.None);

        (await TextAsync(host, "/metrics")).ShouldContain("\ngtx_epoch_overdue_seconds 3600\n");
    }

    [Fact]
    public async Task How_long_the_chain_is_away_shows_until_it_is_back()
    {
        var time = new SteppedTime(CloudHost.Noon);
        var health = new ChainHealth(null!, new WallTime(time));
        health.Worked();
        health.Trouble.ShouldBe(TimeSpan.Zero);
        time.Advance(TimeSpan.FromMinutes(1));
        health.IndexerFailed("away");
        time.Advance(TimeSpan.FromMinutes(1));
        health.Failed("away");
        health.IndexerFailed("still away");
        time.Advance(TimeSpan.FromMinutes(1));
        health.Trouble.ShouldBe(TimeSpan.FromMinutes(2));
        health.IndexerWorked();
        health.Trouble.ShouldBe(TimeSpan.FromMinutes(1));

        // Nobody is where the fixture's chain should be.
        (await TextAsync(_host, "/metrics")).ShouldContain("\n# TYPE gtx_chain_trouble_seconds gauge\n");
    }

    [Fact]
    public async Task Probes_and_those_who_watch_are_not_among_the_requests_that_are_timed()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Replace = static services => services.AddHealthChecks()
                .AddCheck("part", static () => HealthCheckResult.Unhealthy("not yet")),
        });
        await host.GetAsync(null, "/health").ShouldBeStatusAsync(HttpStatusCode.OK);
        await host.GetAsync(null, "/health/ready").ShouldBeStatusAsync(HttpStatusCode.ServiceUnavailable);
        await using (var watcher = await LiveSocket.OpenAsync(host))
        {
            await watcher.SubscribeAsync("book", "zone-1");
            _ = await watcher.ExpectAsync("snapshot");
        }

        var limits = host.Services.GetRequiredService<LiveLimits>();
        await Eventually.HoldsAsync(() => limits.Clients == 0);
        var text = await TextAsync(host, "/metrics");
        text.ShouldNotContain("gtx_request_seconds_count{status=\"5xx\"}");
        text.ShouldNotContain("gtx_request_seconds_count{status=\"1xx\"}");
        text.ShouldContain("gtx_request_seconds_count{status=\"2xx\"} ");
    }

    [Theory]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("Forwarded", "for=192.0.2.1")]
    public async Task What_a_proxy_brings_from_elsewhere_is_not_shown_the_metrics(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add(header, value);
        await _host.Client().SendAsync(request).ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }

    [Fact]
    public async Task The_operator_reads_the_metrics_from_anywhere_and_nobody_else_does()
    {
        using var home = new VirtualHome();
        await _host.GetAsync(home.Wallet, "/api/operator/metrics")
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        using var response = await _host.GetAsync(_host.OperatorKey, "/api/operator/metrics");
        response.Content.Headers.ContentType!.ToString().ShouldBe(Protocol.Metrics.MetricText.ContentType);
        (await response.Content.ReadAsStringAsync()).ShouldContain("gtx_request_seconds");
    }

    private static async Task<string> TextAsync(CloudHost host, string path)
    {
        using var response = await host.GetAsync(null, path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync();
    }
}
