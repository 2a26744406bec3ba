using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GridTokenX.Protocol.Metrics;

namespace GridTokenX.CloudCore.Metrics;

/// <summary>Adds up what this process measures, from its start on, to be read at <c>/metrics</c>.</summary>
internal sealed class MetricStore : IDisposable
{
    /// <summary>The database's pool, and the server's connections.</summary>
    private static readonly string[] OfOthers = ["db.client.connection", "kestrel.active_connections"];

    private readonly ConcurrentDictionary<Instrument, MetricSeries> _series = new();
    private readonly MeterListener _listener = new();
    private readonly IMeterFactory _factory;

    public MetricStore(IMeterFactory factory)
    {
        _factory = factory;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsWanted(instrument))
            {
                listener.EnableMeasurementEvents(
                    instrument, _series.GetOrAdd(instrument, static found => new MetricSeries(found)));
            }
        };
        _listener.SetMeasurementEventCallback<int>(
            static (_, value, tags, series) => ((MetricSeries)series!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(
            static (_, value, tags, series) => ((MetricSeries)series!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(
            static (_, value, tags, series) => ((MetricSeries)series!).Record(value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    internal string Write()
    {
        _listener.RecordObservableInstruments();
        return MetricText.Write(_series.Values.SelectMany(static series => series.Lines())
            .OrderBy(static line => line.Family, StringComparer.Ordinal));
    }

    /// <summary>Two hosts in one process each see their own.</summary>
    private bool IsWanted(Instrument instrument) =>
        (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, _factory))
        && (instrument.Meter.Name == CloudMetrics.MeterName
            || OfOthers.Any(name => instrument.Name.StartsWith(name, StringComparison.Ordinal)));
}
