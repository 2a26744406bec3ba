using System.Collections.Frozen;
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
    WallTime wall,
    ILogger<Forwarder> logger)
    : SupervisedService(wall, logger)
{
    internal const int MaxBatch = 500;
    internal const int FailuresBeforeAlarm = 5;

    private static readonly ReconnectDelays Delays = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    /// <summary>
    /// Refusals that time can heal: a device that was registered a moment ago, an owner not yet verified, a clock that
    /// runs ahead, a cloud in trouble. Every other one is the cloud's last word.
    /// </summary>
    private static readonly FrozenSet<string> NotNow = new[]
    {
        ProblemCodes.UnknownDevice,
        ProblemCodes.UserNotVerified,
        ProblemCodes.InvalidWallet,
        ProblemCodes.InFuture,
        ProblemCodes.ClockNotSet,
        ProblemCodes.DatabaseUnavailable,
        ProblemCodes.InternalError,
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly GapPatience _gaps = new();
    private int _failures;
    private int _batchLimit = MaxBatch;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // One reading of the clock for both questions: a hold that ended in between would be seen by neither.
            var now = Wall.UtcNow;
            var taken = outbox.Take(_batchLimit, now);
            var batch = _gaps.Ready(taken, outbox.LastSettled, now);
            if (batch.Count == 0)
            {
                await WaitForWorkAsync(taken.Count > 0, now, cancellationToken);
                continue;
            }

            try
            {
                var began = Stopwatch.GetTimestamp();
                var results = await cloud.SubmitAsync(
                    batch.ConvertAll(static pending => pending.Reading), cancellationToken);
                Settle(batch, results);
                Succeeded();
                Log.Forwarded(logger, batch.Count, Stopwatch.GetElapsedTime(began).TotalMilliseconds, outbox.Backlog);
            }
            catch (CloudException exception)
            {
                await PauseAsync(exception, cancellationToken);
            }
        }
    }

    private async Task WaitForWorkAsync(bool hasGaps, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var next = holds.UntilNext(now);
        if (hasGaps && !(next < GapPatience.Patience))
        {
            next = GapPatience.Patience;
        }

        if (next is { } atMost)
        {
            await outbox.Appended.WaitAsync(atMost, Wall, cancellationToken);
        }
        else
        {
            await outbox.Appended.WaitAsync(cancellationToken);
        }
    }

    private void Settle(List<PendingReading> batch, IReadOnlyList<ReadingResult> results)
    {
        var verdicts = new List<Verdict>(batch.Count);
        var waiting = new Dictionary<Key32, bool>();
        for (var i = 0; i < batch.Count; i++)
        {
            var reading = batch[i].Reading;
            var code = results[i].Status is ReadingResult.Rejected ? results[i].Code : null;
            if (code is not null && NotNow.Contains(code) && IsHeld(reading.Device, code, waiting))
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
            held = holds.TryHold(device, Wall.UtcNow);
            waiting.Add(device, held);
            Log.NotNow(logger, device, code, held ? "held" : "given up");
        }

        return held;
    }

    private void Succeeded()
    {
        _failures = 0;
        _batchLimit = Math.Min(_batchLimit * 2, MaxBatch);
        alarms.Clear(Alarms.CloudUnreachable);
    }

    private async Task PauseAsync(CloudException exception, CancellationToken cancellationToken)
    {
        _failures++;
        if (exception.Status is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.BadRequest)
        {
            // Something in the batch, or its size, is not to the cloud's taste: smaller ones let the others through.
            _batchLimit = Math.Max(_batchLimit / 2, 1);
        }

        var delay = Delays.Next(_failures - 1);
        if (exception.RetryAfter is { } wish && wish > delay)
        {
            delay = wish < Delays.Max ? wish : Delays.Max;
        }

        Log.ForwardingFailed(logger, _failures, delay.TotalSeconds, exception.Message);
        if (_failures >= FailuresBeforeAlarm)
        {
            alarms.Raise(
                Alarms.CloudUnreachable,
                $"The cloud has not taken readings {_failures} times in a row: {exception.Message}");
        }

        await Wall.DelayAsync(delay, cancellationToken);
    }
}
