using System.Diagnostics.Metrics;
using GridTokenX.CloudCore.Ingest;
using GridTokenX.Protocol.Api;

namespace GridTokenX.CloudCore.Metrics;

/// <summary>What this process counts and times itself; names as the gateway's, the unit last.</summary>
internal sealed class CloudMetrics
{
    internal const string MeterName = "GridTokenX.CloudCore";

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _limited;
    private readonly Counter<long> _resyncs;
    private readonly Histogram<int> _batch;
    private readonly Histogram<int> _group;
    private readonly Histogram<double> _verify;
    private readonly Histogram<double> _commit;
    private readonly Histogram<double> _request;

    public CloudMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _accepted = meter.CreateCounter<long>("gtx_readings_accepted_total", null, "Readings stored.");
        _duplicates = meter.CreateCounter<long>("gtx_readings_duplicate_total", null, "Readings stored before.");
        _refused = meter.CreateCounter<long>("gtx_refused_total", null, "Readings refused, by code.");
        _limited = meter.CreateCounter<long>("gtx_limited_total", null, "Requests over a rate limit, or too many.");
        _resyncs = meter.CreateCounter<long>(
            "gtx_live_resyncs_total", null, "Who watched and was too slow, and was told to begin anew.");
        _batch = meter.CreateHistogram<int>(
            "gtx_batch_readings", null, "Readings of a request.", null, Sizes(1, 5, 20, 50, 100, 200, 500));
        _group = meter.CreateHistogram<int>(
            "gtx_commit_batches", null, "Requests whose readings one transaction stored.", null, Sizes(1, 2, 4, 8, 16));
        _verify = meter.CreateHistogram<double>(
            "gtx_verify_seconds", null, "Until the signatures of a request's readings were verified.", null, Times);
        _commit = meter.CreateHistogram<double>(
            "gtx_commit_seconds", null, "A transaction of readings.", null, Times);
        _request = meter.CreateHistogram<double>(
            "gtx_request_seconds", null, "Requests, by the hundred of their status.", null, Times);
    }

    private static readonly string[] StatusClasses = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

    private static InstrumentAdvice<double> Times => new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    };

    internal void Answered(int status, TimeSpan time) => _request.Record(
        time.TotalSeconds,
        new KeyValuePair<string, object?>("status", StatusClasses[status is >= 100 and < 600 ? status / 100 : 0]));

    internal void Judged(IReadOnlyList<Verdict> verdicts)
    {
        _batch.Record(verdicts.Count);
        var (accepted, duplicates) = (0, 0);
        foreach (var verdict in verdicts)
        {
            switch (verdict.Status)
            {
                case ReadingResult.Accepted:
                    accepted++;
                    break;
                case ReadingResult.Duplicate:
                    duplicates++;
                    break;
                default:
                    _refused.Add(1, new KeyValuePair<string, object?>("code", verdict.Code));
                    break;
            }
        }

        _accepted.Add(accepted);
        _duplicates.Add(duplicates);
    }

    internal void Verified(TimeSpan time) => _verify.Record(time.TotalSeconds);

    internal void Committed(int batches, TimeSpan time)
    {
        _group.Record(batches);
        _commit.Record(time.TotalSeconds);
    }

    /// <param name="by">What was exceeded: <c>address</c>, <c>signer</c>, <c>memory</c> or <c>readings</c>.</param>
    internal void Limited(string by) => _limited.Add(1, new KeyValuePair<string, object?>("by", by));

    internal void BeganAnew() => _resyncs.Add(1);

    private static InstrumentAdvice<int> Sizes(params int[] bounds) => new() { HistogramBucketBoundaries = bounds };
}
