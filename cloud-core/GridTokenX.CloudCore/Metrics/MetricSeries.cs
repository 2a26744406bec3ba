using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using GridTokenX.Protocol.Metrics;

namespace GridTokenX.CloudCore.Metrics;

/// <summary>Everything that an instrument has measured, added up by its labels.</summary>
internal sealed class MetricSeries
{
    /// <summary>Labels come from bounded lists (codes); should one not, what is above goes into one series.</summary>
    private const int MostSeries = 500;

    private static readonly double[] UsualBounds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly string _name;
    private readonly string _help;
    private readonly MetricKind _kind;
    private readonly bool _replaces;
    private readonly double[] _bounds;

    internal MetricSeries(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        _kind = KindOf(type);
        _name = NameOf(instrument, _kind);
        _help = instrument.Description ?? instrument.Name;
        _replaces = instrument.IsObservable || type == typeof(Gauge<>);
        _bounds = instrument switch
        {
            Instrument<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
            Instrument<int> { Advice.HistogramBucketBoundaries: { } bounds } =>
                [.. bounds.Select(static bound => (double)bound)],
            _ => UsualBounds,
        };
    }

    internal void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = SeriesOf(tags);
        lock (series)
        {
            series.Value = _replaces ? value : series.Value + value;
            if (_kind == MetricKind.Histogram)
            {
                series.Count++;
                series.Buckets[BucketOf(value)]++;
            }
        }
    }

    internal IEnumerable<MetricLine> Lines()
    {
        foreach (var series in _series.Values)
        {
            double value;
            long count;
            long[] buckets;
            lock (series)
            {
                (value, count, buckets) = (series.Value, series.Count, [.. series.Buckets]);
            }

            if (_kind != MetricKind.Histogram)
            {
                yield return new MetricLine(_name, _help, _kind, value, series.Labels);
                continue;
            }

            var sum = 0L;
            for (var i = 0; i < buckets.Length; i++)
            {
                sum += buckets[i];
                var bound = i < _bounds.Length ? _bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                yield return new MetricLine(_name, _help, _kind, sum, [.. series.Labels, ("le", bound)], "_bucket");
            }

            yield return new MetricLine(_name, _help, _kind, value, series.Labels, "_sum");
            yield return new MetricLine(_name, _help, _kind, count, series.Labels, "_count");
        }
    }

    private static MetricKind KindOf(Type type)
    {
        if (type == typeof(Counter<>) || type == typeof(ObservableCounter<>))
        {
            return MetricKind.Counter;
        }

        return type == typeof(Histogram<>) ? MetricKind.Histogram : MetricKind.Gauge;
    }

    /// <summary>Instruments of others have dots in their names, and their units beside.</summary>
    private static string NameOf(Instrument instrument, MetricKind kind)
    {
        var name = instrument.Name.Replace('.', '_');
        if (instrument.Unit == "s" && !name.EndsWith("_seconds", StringComparison.Ordinal))
        {
            name += "_seconds";
        }

        return kind == MetricKind.Counter && !name.EndsWith("_total", StringComparison.Ordinal)
            ? name + "_total"
            : name;
    }

    private Series SeriesOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = tags.Length switch
        {
            0 => string.Empty,
            1 => TextOf(tags[0].Value),
            _ => KeyOf(tags),
        };
        if (_series.TryGetValue(key, out var series))
        {
            return series;
        }

        if (_series.Count >= MostSeries)
        {
            return _series.GetOrAdd("other", _ => new Series([("other", "true")], _bounds.Length + 1));
        }

        var labels = new (string Name, string Value)[tags.Length];
        for (var i = 0; i < tags.Length; i++)
        {
            labels[i] = (tags[i].Key.Replace('.', '_'), TextOf(tags[i].Value));
        }

        return _series.GetOrAdd(key, _ => new Series(labels, _bounds.Length + 1));
    }

    private static string KeyOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = string.Empty;
        foreach (var tag in tags)
        {
            key = $"{key}\n{tag.Key}={TextOf(tag.Value)}";
        }

        return key;
    }

    private static string TextOf(object? value) => value switch
    {
        string text => text,
        null => string.Empty,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };

    private int BucketOf(double value)
    {
        var at = Array.BinarySearch(_bounds, value);
        return at < 0 ? ~at : at;
    }

    private sealed class Series(IReadOnlyList<(string Name, string Value)> labels, int buckets)
    {
        internal IReadOnlyList<(string Name, string Value)> Labels => labels;

        internal double Value { get; set; }

        internal long Count { get; set; }

        internal long[] Buckets { get; } = new long[buckets];
    }
}
