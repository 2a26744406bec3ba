using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;

namespace GridTokenX.Simulator.Live;

/// <summary>How far a live run is; told after each round, and while it waits.</summary>
internal readonly record struct LiveProgress(
    int Rounds, long Accepted, long Refused, int Unanswered, TimeSpan UntilNext, string? Trouble);

/// <summary>
/// Reads every meter at each interval's end and brings the readings, in each meter's own order, until its time is over
/// or it is stopped; either way there is a report.
/// </summary>
internal sealed class LiveRun(
    LiveOptions options, IReadOnlyList<LiveMeter> meters, ILiveUplink uplink, string via, WallTime time)
{
    /// <summary>Latencies kept: the newest.</summary>
    private const int MaxLatencies = 10_000;

    /// <summary>For the last readings' answers.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<string, long> _refused = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _awayByCode = new(StringComparer.Ordinal);
    private readonly Queue<TimeSpan> _latencies = new();
    private long _signed;
    private long _accepted;
    private long _duplicate;
    private long _requests;
    private long _away;
    private long _throttled;
    private int _rounds;
    private DateTimeOffset _mayAskAt;
    private TimeSpan _pause = FirstPause;
    private string? _trouble;

    public Action<LiveProgress>? Told { get; set; }

    private int Unanswered => meters.Sum(static meter => meter.Pending.Count);

    /// <param name="stop">Ends the run early, and cleanly.</param>
    public async Task<LiveReport> PlayAsync(CancellationToken stop)
    {
        var began = time.UtcNow;
        var finished = false;
        try
        {
            var end = options.Duration is { } duration ? began + duration : DateTimeOffset.MaxValue;
            for (var next = began; next <= end; next += options.Interval)
            {
                await SendUntilAsync(next, stop);
                ReadAll();
                Tell(next + options.Interval);
            }

            await SendUntilAsync(time.UtcNow + LastPatience, stop, endsWhenEmpty: true);
            finished = true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What is known by now is the report.
        }

        return ReportOf(time.UtcNow - began, finished);
    }

    private void ReadAll()
    {
        var now = time.UtcNow;
        foreach (var meter in meters)
        {
            _signed += meter.TryRead(now) ? 1 : 0;
        }

        _rounds++;
    }

    /// <summary>Sends what is pending, and then waits for that moment.</summary>
    private async Task SendUntilAsync(DateTimeOffset next, CancellationToken stop, bool endsWhenEmpty = false)
    {
        for (var now = time.UtcNow; now < next; now = time.UtcNow)
        {
            var batch = now < _mayAskAt ? [] : NextBatch();
            if (batch.Count > 0)
            {
                await SendAsync(batch, stop);
                Tell(next);
                continue;
            }

            if (endsWhenEmpty && Unanswered == 0)
            {
                return;
            }

            var until = now < _mayAskAt && _mayAskAt < next ? _mayAskAt : next;
            await time.DelayAsync(until - now < Tick ? until - now : Tick, stop);
            Tell(next);
        }
    }

    /// <summary>The oldest readings of as many meters as fit.</summary>
    private List<SignedReading> NextBatch()
    {
        var batch = new List<SignedReading>();
        foreach (var meter in meters)
        {
            if (batch.Count >= uplink.MaxBatch)
            {
                break;
            }

            batch.AddRange(meter.Pending.Take(uplink.MaxBatch - batch.Count));
        }

        return batch;
    }

    private async Task SendAsync(List<SignedReading> batch, CancellationToken stop)
    {
        var asked = time.Clock.GetTimestamp();
        _mayAskAt = time.UtcNow + (TimeSpan.FromSeconds(1) / options.RequestsPerSecond);
        _requests++;
        try
        {
            Count(await uplink.SendAsync(batch, stop));
            _latencies.Enqueue(time.Clock.GetElapsedTime(asked));
            if (_latencies.Count > MaxLatencies)
            {
                _ = _latencies.Dequeue();
            }

            (_pause, _trouble) = (FirstPause, null);
        }
        catch (UplinkAwayException away)
        {
            _throttled += away.IsThrottled ? 1 : 0;
            _away += away.IsThrottled ? 0 : 1;
            _awayByCode[away.Code] = _awayByCode.GetValueOrDefault(away.Code) + 1;
            (_mayAskAt, _trouble) = (time.UtcNow + _pause, away.Message);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }

    private void Count(IReadOnlyList<LiveVerdict> verdicts)
    {
        var byDevice = meters.ToDictionary(static meter => meter.Device);
        foreach (var verdict in verdicts)
        {
            if (byDevice[verdict.Reading.Device].Settle(verdict.Reading.Sequence) == 0)
            {
                continue;
            }

            if (verdict.Code is { } code)
            {
                _refused[code] = _refused.GetValueOrDefault(code) + 1;
            }
            else if (verdict.WasKnown)
            {
                _duplicate++;
            }
            else
            {
                _accepted++;
            }
        }
    }

    private void Tell(DateTimeOffset next) => Told?.Invoke(new LiveProgress(
        _rounds, _accepted + _duplicate, _refused.Values.Sum(), Unanswered, next - time.UtcNow, _trouble));

    private LiveReport ReportOf(TimeSpan elapsed, bool finished) => new()
    {
        Meters = meters.Count,
        Via = via,
        Seconds = decimal.Round((decimal)elapsed.TotalSeconds, 1),
        Finished = finished,
        Rounds = _rounds,
        Signed = _signed,
        Accepted = _accepted,
        Duplicate = _duplicate,
        RefusedByCode = _refused,
        Unanswered = Unanswered,
        Dropped = meters.Sum(static meter => meter.Dropped),
        Requests = _requests,
        Away = _away,
        AwayByCode = _awayByCode,
        Throttled = _throttled,
        LatencyMs = LiveLatency.Of(_latencies),
    };
}
