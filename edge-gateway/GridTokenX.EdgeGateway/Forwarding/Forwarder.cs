using System.Diagnostics;
using System.Net;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Forwarding;

/// <summary>
/// Brings pending readings to the cloud, one batch at a time, and marks them by its answer alone. A batch without a
/// fitting answer is sent again, for ever; the cloud knows what it has already and calls it a duplicate.
/// </summary>
internal sealed class Forwarder(
    ReadingOutbox outbox,
    DeviceHolds holds,
    CloudClient cloud,
    Alarms alarms,
    Refusals refusals,
    Heartbeat heartbeat,
    GatewayOptions options,
    WallTime wall,
    ILogger<Forwarder> logger)
    : SupervisedService(wall, logger)
{
    internal const int MaxBatch = 500;
    internal const int FailuresBeforeAlarm = 5;
    private const int PausesPerWindow = 4;

    /// <summary>A cloud that was away this long was away for many gateways.</summary>
    internal static readonly TimeSpan LongOutage = TimeSpan.FromMinutes(10);

    private static readonly ReconnectDelays Delays = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    private readonly GapPatience _gaps = new(outbox, options.GapPatience, wall.Clock);
    private readonly ReconnectDelays _spread = new(options.ReturnSpread, options.ReturnSpread);
    private int _failures;
    private int _batchLimit = MaxBatch;
    private DateTimeOffset? _failingSince;
    private (long Stamp, DateTimeOffset Wall)? _requeued;
    private bool _hasGathered;
    private bool _hasBegun;

    /// <summary>Failures since the start.</summary>
    internal long Retries { get; private set; }

    /// <summary>Wall time of the last batch that the cloud took; null for none since the start.</summary>
    internal DateTimeOffset? LastSuccess { get; private set; }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await SpreadAtStartAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            heartbeat.Beat();

            // One reading of the clock for both questions: a hold that ended in between would be seen by neither.
            var now = Wall.UtcNow;
            Requeue(now);
            var batch = _gaps.Take(_batchLimit, now);
            if (batch.Count == 0)
            {
                _hasGathered = false;
                await WaitForWorkAsync(now, cancellationToken);
            }
            else if (batch.Count < _batchLimit && !_hasGathered && options.BatchWindow > TimeSpan.Zero)
            {
                // Sized by time as well as by count: a little patience, and a home's readings go in one request.
                _hasGathered = true;
                await GatherAsync(cancellationToken);
            }
            else
            {
                _hasGathered = false;
                await ForwardAsync(batch, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Until the window is over, or nothing has come for a part of it: meters read at the same moment.
    /// </summary>
    private async Task GatherAsync(CancellationToken cancellationToken)
    {
        var began = Wall.Clock.GetTimestamp();
        var pause = options.BatchWindow / PausesPerWindow;
        var left = options.BatchWindow;
        while (left > TimeSpan.Zero
            && await outbox.Appended.WaitAsync(left < pause ? left : pause, Wall, cancellationToken))
        {
            left = options.BatchWindow - Wall.Clock.GetElapsedTime(began);
        }
    }

    /// <summary>When a district's power comes back, its gateways do not speak all at once.</summary>
    private async Task SpreadAtStartAsync(CancellationToken cancellationToken)
    {
        if (!_hasBegun && outbox.Backlog > 0)
        {
            await WaitAsync(_spread.Next(0), cancellationToken);
        }

        _hasBegun = true;
    }

    /// <summary>
    /// From time to time, and as soon as a hold is over: the device's younger readings may go from then on, and once
    /// the cloud has one of them it cannot take the older ones any more.
    /// </summary>
    private void Requeue(DateTimeOffset now)
    {
        if (_requeued is { } last
            && Wall.Clock.GetElapsedTime(last.Stamp) < Heartbeat.Interval
            && (outbox.QuarantinedCount == 0 || !holds.AnyEnded(last.Wall, now)))
        {
            return;
        }

        _requeued = (Wall.Clock.GetTimestamp(), now);
        var count = outbox.QuarantinedCount == 0 ? 0 : outbox.Requeue(null, now);
        if (count > 0)
        {
            Log.Requeued(logger, count);
        }
    }

    private async Task ForwardAsync(List<PendingReading> batch, CancellationToken cancellationToken)
    {
        try
        {
            var began = Stopwatch.GetTimestamp();
            var results = await cloud.SubmitAsync(
                batch.ConvertAll(static pending => pending.Reading), cancellationToken);
            Settle(batch, results);
            Log.Forwarded(logger, batch.Count, Stopwatch.GetElapsedTime(began).TotalMilliseconds, outbox.Backlog);
            await SucceededAsync(cancellationToken);
        }
        catch (CloudException exception)
        {
            await PauseAsync(exception, cancellationToken);
        }
    }

    private async Task WaitForWorkAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var next = holds.UntilNext(now) ?? Heartbeat.Interval;
        next = _gaps.UntilNext < next ? _gaps.UntilNext.Value : next;
        _ = await outbox.Appended.WaitAsync(
            next < Heartbeat.Interval ? next : Heartbeat.Interval, Wall, cancellationToken);
    }

    private void Settle(List<PendingReading> batch, IReadOnlyList<ReadingResult> results)
    {
        var verdicts = new List<Verdict>(batch.Count);
        var waiting = new Dictionary<Key32, bool>();
        for (var i = 0; i < batch.Count; i++)
        {
            var reading = batch[i].Reading;
            var code = results[i].Status is ReadingResult.Rejected ? results[i].Code : null;
            if (code is not null && Refusable.IsNotNow(code) && IsHeld(reading.Device, code, waiting))
            {
                continue;
            }

            verdicts.Add(new Verdict(batch[i], code));
            if (code is null)
            {
                holds.Release(reading.Device);
            }
            else
            {
                refusals.Cloud(code);
                Log.Quarantined(logger, reading.Device, reading.Sequence, code);
            }
        }

        outbox.Settle(verdicts);
    }

    /// <summary>Holds a device once per batch, however many of its readings were turned away.</summary>
    private bool IsHeld(Key32 device, string code, Dictionary<Key32, bool> waiting)
    {
        if (!waiting.TryGetValue(device, out var held))
        {
            held = holds.TryHold(device, code, Wall.UtcNow);
            waiting.Add(device, held);
            Log.NotNow(logger, device, code, held ? "held" : "in quarantine until the next try");
        }

        return held;
    }

    private async Task SucceededAsync(CancellationToken cancellationToken)
    {
        LastSuccess = Wall.UtcNow;
        _failures = 0;
        _batchLimit = Math.Min(_batchLimit * 2, MaxBatch);
        alarms.Clear(Alarms.CloudUnreachable);
        if (_failingSince is { } since)
        {
            _failingSince = null;
            var outage = Wall.UtcNow - since;
            if (outage >= LongOutage && outbox.Backlog > 0)
            {
                var wait = _spread.Next(0);
                Log.CloudIsBack(logger, outage.TotalMinutes, wait.TotalSeconds);
                await WaitAsync(wait, cancellationToken);
            }
        }
    }

    private async Task PauseAsync(CloudException exception, CancellationToken cancellationToken)
    {
        _failures++;
        Retries++;
        _failingSince ??= Wall.UtcNow;
        if (exception.Status is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.BadRequest)
        {
            // Something in the batch, or its size, is not to the cloud's taste: smaller ones let the others through.
            _batchLimit = Math.Max(_batchLimit / 2, 1);
        }

        // A cloud that asks all gateways for the same patience shall not have them back at the same moment.
        var delay = Delays.Next(_failures - 1);
        if (exception.RetryAfter is { } wish && wish > TimeSpan.Zero)
        {
            delay += wish < Delays.Max ? wish : Delays.Max;
        }

        Log.ForwardingFailed(logger, _failures, delay.TotalSeconds, exception.Message);
        if (_failures >= FailuresBeforeAlarm)
        {
            alarms.Raise(
                Alarms.CloudUnreachable,
                $"The cloud has not taken readings {_failures} times in a row: {exception.Message}");
        }

        await WaitAsync(delay, cancellationToken);
    }

    /// <summary>Waits in steps, so that a long wait on purpose is not taken for standing still.</summary>
    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        for (var left = wait; left > TimeSpan.Zero; left -= Heartbeat.Interval)
        {
            await Wall.DelayAsync(left < Heartbeat.Interval ? left : Heartbeat.Interval, cancellationToken);
            heartbeat.Beat();
        }
    }
}
