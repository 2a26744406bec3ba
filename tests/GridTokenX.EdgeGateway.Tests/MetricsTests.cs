using System.Globalization;
using System.Text.RegularExpressions;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>The same figures by OTLP and in Prometheus' text.</summary>
public sealed partial class MetricsTests
{
    private static readonly string[] Named =
    [
        "gtx_backlog_readings", "gtx_backlog_age_seconds", "gtx_readings_accepted_total",
        "gtx_readings_forwarded_total", "gtx_refused_total", "gtx_forward_retries_total",
        "gtx_last_success_age_seconds", "gtx_database_bytes", "gtx_devices", "gtx_quarantined_readings", "gtx_alarms",
    ];

    [Fact]
    public async Task A_collector_gets_every_metric_with_its_value()
    {
        await using var collector = await OtlpStub.StartAsync();
        await using var world = await World.StartAsync(null, "--Gateway:OtlpEndpoint", collector.Url);
        await LiveAsync(world);

        await world.StopGatewayAsync(); // sends what is left

        collector.ContentTypes.Distinct().ShouldBe(["application/x-protobuf"]);
        Named.Except(collector.Points.Select(static point => point.Name)).ShouldBeEmpty();
        Value(collector, "gtx_readings_accepted_total").ShouldBe(3);
        Value(collector, "gtx_readings_forwarded_total").ShouldBe(2);
        Value(collector, "gtx_quarantined_readings").ShouldBe(1);
        Value(collector, "gtx_backlog_readings").ShouldBe(0);
        Value(collector, "gtx_devices").ShouldBe(1);
        Value(collector, "gtx_database_bytes").ShouldBeGreaterThan(4096);
        Value(collector, "gtx_forward_retries_total").ShouldBe(1);
        Value(collector, "gtx_last_success_age_seconds").ShouldBeInRange(0, 60);
        collector.Points.ShouldContain(new OtlpPoint("gtx_refused_total", true, 1, "gateway:malformed_reading"));
        collector.Points.ShouldContain(new OtlpPoint("gtx_refused_total", true, 1, "cloud:too_old"));
        collector.Points.ShouldAllBe(static point =>
            point.IsSum == point.Name.EndsWith("_total", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_that_is_away_holds_nothing_up()
    {
        await using var world = await World.StartAsync(
            null, "--Gateway:OtlpEndpoint", $"http://127.0.0.1:{MosquittoBroker.FreePort()}");

        await world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(world.Device, 1)]);
        await world.NothingIsLeftAsync();

        await world.StopGatewayAsync();
        world.Cloud.Accepted.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_text_keeps_to_every_rule_of_prometheus()
    {
        await using var world = await World.StartAsync();
        await LiveAsync(world);
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"{world.Url}/metrics"));

        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var text = await answer.Content.ReadAsStringAsync();
        text.ShouldEndWith("\n");
        text.ShouldNotContain("\r");
        var families = Families(text);
        Named.Except(families.Keys).ShouldBeEmpty();
        families["gtx_refused_total"].ShouldContain(("{code=\"gateway:malformed_reading\"}", 1));
        families["gtx_refused_total"].ShouldContain(("{code=\"cloud:too_old\"}", 1));
        families["gtx_readings_accepted_total"].ShouldBe([(string.Empty, 3)]);
    }

    /// <summary>Two readings forwarded after a failure, one refused by the cloud, one malformed.</summary>
    private static async Task LiveAsync(World world)
    {
        world.Cloud.FailNext(1, ScriptedCloud.Status(503));
        await world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(world.Device, 1), Some.Reading(world.Device, 2)]);
        await world.NothingIsLeftAsync();
        world.Cloud.Refused[world.Device.PublicKey] = ProblemCodes.TooOld;
        await world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(world.Device, 3)]);
        await world.NothingIsLeftAsync();
        await world.Fleet.SendAsync($"gtx/v1/{world.DeviceName}/reading", "{"u8.ToArray());
        await Eventually.HoldsAsync(() => world.Refusals.Count(ProblemCodes.MalformedReading) == 1);
    }

    private static double Value(OtlpStub collector, string name) =>
        collector.Points.Last(point => point.Name == name).Value;

    /// <summary>
    /// Reads as https://prometheus.io/docs/instrumenting/exposition_formats/ says: HELP and TYPE once and before the
    /// samples of a family, families in one piece, no sample twice.
    /// </summary>
    private static Dictionary<string, List<(string Labels, double Value)>> Families(string text)
    {
        var families = new Dictionary<string, List<(string, double)>>(StringComparer.Ordinal);
        var (helped, current) = (string.Empty, string.Empty);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
            {
                helped = help.Groups["name"].Value;
            }
            else if (Kind().Match(line) is { Success: true } kind)
            {
                current = kind.Groups["name"].Value;
                current.ShouldBe(helped);
                families.ContainsKey(current).ShouldBeFalse($"{current} begins twice");
                families.Add(current, []);
                (kind.Groups["kind"].Value == "counter").ShouldBe(
                    current.EndsWith("_total", StringComparison.Ordinal), current);
            }
            else
            {
                var sample = Line().Match(line);
                sample.Success.ShouldBeTrue(line);
                sample.Groups["name"].Value.ShouldBe(current);
                var labels = sample.Groups["labels"].Value;
                families[current].ShouldNotContain(other => other.Item1 == labels, line);
                families[current].Add(
                    (labels, double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture)));
            }
        }

        families.ShouldAllBe(static family => family.Value.Count > 0);
        return families;
    }

    [GeneratedRegex(
        "^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) ([^\\\\\n]|\\\\\\\\|\\\\n)+$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Help();

    [GeneratedRegex(
        "^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<kind>counter|gauge)$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Kind();

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"""
        + """(?<labels>(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\\\|\\"|\\n)*"\})?)"""
        + """ (?<value>-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?)$""",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Line();
}
