using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GridTokenX.Community.Reports;

/// <param name="Color">Place in the page's palette, from 1.</param>
/// <param name="Filled">An area down to zero.</param>
/// <param name="Dashed">A reference, such as a tariff.</param>
internal sealed record Line(
    string Name, int Color, IReadOnlyList<decimal?> Values, bool Filled = false, bool Dashed = false);

/// <summary>
/// A plot as SVG, in the page's colours: axes with round numbers and units, a legend, and the values for the page's
/// script, which shows them under the pointer.
/// </summary>
internal sealed class Plot
{
    private const int Width = 760;
    private const int Height = 250;
    private const int Left = 58;
    private const int Right = 14;
    private const int Top = 12;
    private const int Bottom = 30;
    private const int YTicks = 5;

    private static readonly int[] RoundFactors = [1, 2, 5, 10];

    private readonly string _title;
    private readonly string _unit;
    private readonly string _note;
    private readonly StringBuilder _svg = new();
    private readonly decimal _low;
    private readonly decimal _high;
    private readonly decimal _step;

    private Plot(string title, string unit, string note, decimal low, decimal high)
    {
        _title = title;
        _unit = unit;
        _note = note;
        _step = RoundStep((high - low) / YTicks);
        _low = Math.Floor(low / _step) * _step;
        _high = Math.Max(Math.Ceiling(high / _step) * _step, _low + _step);
    }

    /// <param name="labels">One for each place on the x axis; the axis shows some of them.</param>
    /// <param name="band">Low and high, drawn as an area in the first line's colour.</param>
    public static string OfLines(
        string title, string unit, string note, IReadOnlyList<string> labels, IReadOnlyList<Line> lines,
        (IReadOnlyList<decimal?> Low, IReadOnlyList<decimal?> High)? band = null)
    {
        var values = lines.SelectMany(static line => line.Values)
            .Concat(band?.Low ?? []).Concat(band?.High ?? [])
            .OfType<decimal>().Append(0).ToArray();
        var plot = new Plot(title, unit, note, values.Min(), values.Max());
        plot.Begin(lines, labels);
        plot.XLabels(labels);
        if (band is var (low, high))
        {
            plot.Band(low, high, lines[0].Color);
        }

        foreach (var line in lines)
        {
            plot.Draw(line);
        }

        return plot.End(lines.Select(static line => (line.Name, line.Color, line.Dashed)));
    }

    /// <summary>Groups of bars side by side, each with its value above it.</summary>
    public static string OfBars(
        string title, string unit, string note, IReadOnlyList<string> groups, IReadOnlyList<Line> bars)
    {
        var values = bars.SelectMany(static bar => bar.Values).OfType<decimal>().Append(0).ToArray();
        var plot = new Plot(title, unit, note, values.Min(), values.Max());
        plot.Begin(bars, groups);
        var room = (decimal)(Width - Left - Right) / Math.Max(groups.Count, 1);
        var bar = Math.Min(46, room * 0.8m / bars.Count);
        for (var group = 0; group < groups.Count; group++)
        {
            var middle = Left + (room * (group + 0.5m));
            plot.Text(middle, Height - 10, "middle", "tick", Shortened(groups[group], (int)(room / 6)));
            for (var i = 0; i < bars.Count; i++)
            {
                plot.Bar(middle + (bar * (i - (bars.Count / 2m))), bar, bars[i], group);
            }
        }

        return plot.End(bars.Select(static line => (line.Name, line.Color, line.Dashed)));
    }

    public static string Number(decimal value) => Math.Abs(value) switch
    {
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{value / 1_000_000:0.##} M"),
        >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{value / 1_000:0.#} k"),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    /// <summary>1, 2 or 5 times a power of ten, not below the wanted step.</summary>
    internal static decimal RoundStep(decimal wanted)
    {
        if (wanted <= 0)
        {
            return 0.2m;
        }

        decimal power = 1;
        while (power > wanted)
        {
            power /= 10;
        }

        while (power * 10 <= wanted)
        {
            power *= 10;
        }

        return RoundFactors.Select(factor => factor * power).First(step => step >= wanted);
    }

    private void Begin(IReadOnlyList<Line> lines, IReadOnlyList<string> labels)
    {
        var data = JsonSerializer.Serialize(new
        {
            x = labels,
            unit = _unit,
            lines = lines.Select(static line => new { name = line.Name, color = line.Color, y = line.Values }),
        });
        _svg.Append(CultureInfo.InvariantCulture, $"""
            <figure><figcaption><b>{Html.Escape(_title)}</b> <span>{Html.Escape(_unit)}</span></figcaption>
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{Html.Escape(_title)}"
             data-left="{Left}" data-right="{Width - Right}" data-values="{Html.Escape(data)}">

            """);
        for (var tick = _low; tick <= _high; tick += _step)
        {
            var y = Y(tick);
            _svg.Append(
                CultureInfo.InvariantCulture,
                $"<path class=\"{(tick == 0 ? "axis" : "grid")}\" d=\"M{Left} {y:0.#}H{Width - Right}\"/>\n");
            Text(Left - 8, y + 4, "end", "tick", Number(tick));
        }
    }

    private void XLabels(IReadOnlyList<string> labels)
    {
        var every = Math.Max(1, (labels.Count + 7) / 8);
        for (var i = 0; i < labels.Count; i += every)
        {
            Text(X(i, labels.Count), Height - 10, "middle", "tick", labels[i]);
        }
    }

    private void Draw(Line line)
    {
        var path = PathOf(line.Values);
        if (line.Filled && line.Values.All(static value => value is not null) && line.Values.Count > 0)
        {
            _svg.Append(
                CultureInfo.InvariantCulture,
                $"<path class=\"fill f{line.Color}\" d=\"{path}V{Y(0):0.#}H{X(0, line.Values.Count):0.#}Z\"/>\n");
        }

        var dash = line.Dashed ? " dash" : string.Empty;
        _svg.Append(CultureInfo.InvariantCulture, $"<path class=\"line s{line.Color}{dash}\" d=\"{path}\"/>\n");
        Dots(line);
    }

    /// <summary>A value without neighbours has no line that would show it.</summary>
    private void Dots(Line line)
    {
        var values = line.Values;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value && IsMissing(i - 1) && IsMissing(i + 1))
            {
                _svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<circle class=\"b{line.Color}\" cx=\"{X(i, values.Count):0.#}\" ")
                    .Append(CultureInfo.InvariantCulture, $"cy=\"{Y(value):0.#}\" r=\"2\"/>\n");
            }
        }

        bool IsMissing(int place) => place < 0 || place >= values.Count || values[place] is null;
    }

    private void Band(IReadOnlyList<decimal?> low, IReadOnlyList<decimal?> high, int color)
    {
        for (var i = 0; i + 1 < low.Count; i++)
        {
            if ((low[i], low[i + 1], high[i], high[i + 1]) is ({ } a, { } b, { } c, { } d))
            {
                var (left, right) = (X(i, low.Count), X(i + 1, low.Count));
                _svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<path class=\"fill f{color}\" d=\"M{left:0.#} {Y(a):0.#}L{right:0.#} {Y(b):0.#}V{Y(d):0.#}")
                    .Append(CultureInfo.InvariantCulture, $"L{left:0.#} {Y(c):0.#}Z\"/>\n");
            }
        }
    }

    private void Bar(decimal left, decimal width, Line bar, int group)
    {
        if (bar.Values[group] is not { } value)
        {
            return;
        }

        var (zero, end) = (Y(0), Y(value));
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"<rect class=\"b{bar.Color}\" x=\"{left + 1:0.#}\" y=\"{Math.Min(zero, end):0.#}\" ")
            .Append(
                CultureInfo.InvariantCulture,
                $"width=\"{width - 2:0.#}\" height=\"{Math.Abs(zero - end):0.#}\" rx=\"2\"/>\n");
        if (width >= 20)
        {
            var above = value < 0 ? end + 13 : end - 4;
            Text(left + (width / 2), above, "middle", "value", Number(value));
        }
    }

    private string PathOf(IReadOnlyList<decimal?> values)
    {
        var path = new StringBuilder();
        var drawing = false;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value)
            {
                path.Append(
                    CultureInfo.InvariantCulture,
                    $"{(drawing ? 'L' : 'M')}{X(i, values.Count):0.#} {Y(value):0.#}");
            }

            drawing = values[i] is not null;
        }

        return path.ToString();
    }

    private string End(IEnumerable<(string Name, int Color, bool Dashed)> legend)
    {
        _svg.Append("<g class=\"pointer\"></g></svg><div class=\"legend\">");
        foreach (var (name, color, dashed) in legend)
        {
            _svg.Append(
                CultureInfo.InvariantCulture,
                $"<span><i class=\"k{color}{(dashed ? " dash" : string.Empty)}\"></i>{Html.Escape(name)}</span>");
        }

        _svg.Append("</div>");
        if (_note.Length > 0)
        {
            _svg.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{Html.Escape(_note)}</p>");
        }

        return _svg.Append("</figure>\n").ToString();
    }

    private void Text(decimal x, decimal y, string anchor, string kind, string text) => _svg.Append(
        CultureInfo.InvariantCulture,
        $"<text class=\"{kind}\" x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{Html.Escape(text)}</text>\n");

    private static string Shortened(string text, int most) =>
        text.Length <= most || most < 4 ? text : $"{text.AsSpan(0, most - 1)}…";

    private static decimal X(int place, int count) =>
        Left + ((decimal)(Width - Left - Right) * place / Math.Max(count - 1, 1));

    private decimal Y(decimal value) => Top + ((_high - value) / (_high - _low) * (Height - Top - Bottom));
}

internal static class Html
{
    public static string Escape(string text) => System.Net.WebUtility.HtmlEncode(text);
}
