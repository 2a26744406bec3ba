using GridTokenX.Protocol.Metrics;

namespace GridTokenX.Protocol.Tests;

public sealed class MetricTextTests
{
    [Fact]
    public void Text_is_as_the_format_wants_it()
    {
        MetricLine[] lines =
        [
            new("gtx_a_total", "What is\ncounted.", MetricKind.Counter, 3, []),
            new("gtx_b", "Now \\ here.", MetricKind.Gauge, 0.25, [("zone", "a\"b\\c\nd"), ("side", "buy")]),
            new("gtx_c_seconds", "Times.", MetricKind.Histogram, 1, [("le", "0.5")], "_bucket"),
            new("gtx_c_seconds", "Times.", MetricKind.Histogram, 2, [("le", "+Inf")], "_bucket"),
            new("gtx_c_seconds", "Times.", MetricKind.Histogram, 1.5, [], "_sum"),
            new("gtx_c_seconds", "Times.", MetricKind.Histogram, 2, [], "_count"),
        ];

        MetricText.Write(lines).ShouldBe(
            """
            # HELP gtx_a_total What is\ncounted.
            # TYPE gtx_a_total counter
            gtx_a_total 3
            # HELP gtx_b Now \\ here.
            # TYPE gtx_b gauge
            gtx_b{zone="a\"b\\c\nd",side="buy"} 0.25
            # HELP gtx_c_seconds Times.
            # TYPE gtx_c_seconds histogram
            gtx_c_seconds_bucket{le="0.5"} 1
            gtx_c_seconds_bucket{le="+Inf"} 2
            gtx_c_seconds_sum 1.5
            gtx_c_seconds_count 2

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Lines_of_a_family_stand_together() =>
        MetricText.Write([
            new("x", "X.", MetricKind.Gauge, 1, [("of", "a")]),
            new("y", "Y.", MetricKind.Gauge, 2, []),
            new("x", "X.", MetricKind.Gauge, 3, [("of", "b")]),
        ]).ShouldBe(
            "# HELP x X.\n# TYPE x gauge\nx{of=\"a\"} 1\nx{of=\"b\"} 3\n# HELP y Y.\n# TYPE y gauge\ny 2\n");
}
