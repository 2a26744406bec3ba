using System.Diagnostics.Metrics;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Time;
using GridTokenX.Protocol.Time;
using Microsoft.Data.Sqlite;
using OpenTelemetry.Metrics;

namespace GridTokenX.EdgeGateway.Metrics;

/// <summary>One value at this moment.</summary>
/// <param name="Name">With its unit last, as Prometheus writes it.</param>
/// <param name="Help">One line.</param>
/// <param name="IsCounter">It only grows, until the process begins anew.</param>
/// <param name="Label">A name and its value; null for none.</param>
internal sealed record Sample(
    string Name, string Help, bool IsCounter, double Value, (string Name, string Value)? Label);

/// <summary>
/// What is measured, read when it is asked for: as instruments for OpenTelemetry, as samples for the page.
/// </summary>
internal sealed class GatewayMetrics : IDisposable
{
    internal const string MeterName = "GridTokenX.EdgeGateway";

    private readonly ReadingOutbox _outbox;
    private readonly Forwarder _forwarder;
    private readonly DeviceDirectory _directory;
    private readonly MarketClock _clock;
    private readonly Refusals _refusals;
    private readonly Alarms _alarms;
    private readonly WallTime _wall;
    private readonly Meter _meter = new(MeterName);

    public GatewayMetrics(
        ReadingOutbox outbox,
        Forwarder forwarder,
        DeviceDirectory directory,
        MarketClock clock,
        Refusals refusals,
        Alarms alarms,
        WallTime wall)
    {
        (_outbox, _forwarder, _directory) = (outbox, forwarder, directory);
        (_clock, _refusals, _alarms, _wall) = (clock, refusals, alarms, wall);
        foreach (var sample in Samples().DistinctBy(static sample => sample.Name))
        {
            Instrument(sample);
        }

        // Its series come with the first refusal.
        Instrument(Refused("gateway", "none", 0));
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>A meter is known by its name in the whole process: of another gateway in it nothing is sent.</summary>
    internal MetricStreamConfiguration? StreamOf(Instrument instrument) =>
        instrument.Meter == _meter ? null : MetricStreamConfiguration.Drop;

    internal IEnumerable<Sample> Samples()
    {
        yield return Gauge("gtx_backlog_readings", "Readings that wait for the cloud.", _outbox.Backlog);
        yield return Gauge("gtx_backlog_age_seconds", "Age of the oldest reading that waits.", BacklogAge());
        yield return Gauge("gtx_quarantined_readings", "Readings that the cloud refused.", _outbox.QuarantinedCount);
        yield return Counter("gtx_readings_accepted_total", "Readings stored and acknowledged.", _outbox.StoredCount);
        yield return Counter("gtx_readings_forwarded_total", "Readings that the cloud has.", _outbox.ForwardedCount);
        yield return Counter("gtx_forward_retries_total", "Batches without a fitting answer.", _forwarder.Retries);
        yield return Gauge("gtx_last_success_age_seconds", "Since the cloud took a batch; -1: not yet.", SuccessAge());
        yield return Gauge("gtx_database_bytes", "Content of the buffer.", DatabaseBytes());
        yield return Gauge("gtx_devices", "Devices that this gateway speaks for.", _directory.Count);
        yield return Gauge("gtx_alarms", "Alarms that are raised.", _alarms.All().Count);
        foreach (var (by, code, count) in _refusals.All())
        {
            yield return Refused(by, code, count);
        }
    }

    private static Sample Gauge(string name, string help, double value) => new(name, help, false, value, null);

    private static Sample Counter(string name, string help, double value) => new(name, help, true, value, null);

    private static Sample Refused(string by, string code, double count) =>
        new("gtx_refused_total", "Messages and readings refused.", true, count, ("code", $"{by}:{code}"));

    private void Instrument(Sample sample)
    {
        IEnumerable<Measurement<double>> Observe() => Samples()
            .Where(now => now.Name == sample.Name)
            .Select(static now => now.Label is { } label
                ? new Measurement<double>(now.Value, new KeyValuePair<string, object?>(label.Name, label.Value))
                : new Measurement<double>(now.Value));
        if (sample.IsCounter)
        {
            _ = _meter.CreateObservableCounter(sample.Name, Observe, description: sample.Help);
        }
        else
        {
            _ = _meter.CreateObservableGauge(sample.Name, Observe, description: sample.Help);
        }
    }

    private double BacklogAge()
    {
        try
        {
            return _clock.Now is { } now && _outbox.OldestPending() is { } oldest
                ? Math.Max(0, (now - oldest).TotalSeconds)
                : 0;
        }
        catch (SqliteException)
        {
            return 0;
        }
    }

    private double DatabaseBytes()
    {
        try
        {
            return _outbox.UsedBytes();
        }
        catch (SqliteException)
        {
            return 0;
        }
    }

    private double SuccessAge() =>
        _forwarder.LastSuccess is { } last ? Math.Max(0, (_wall.UtcNow - last).TotalSeconds) : -1;
}
