using System.Globalization;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Live;
using Spectre.Console;

namespace GridTokenX.Simulator.Simulate;

/// <summary>What a terminal shows of a live run: a line a round, and one whenever something changes its mind.</summary>
internal sealed class LiveConsole(IAnsiConsole console, LiveOptions options, WallTime time)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    private readonly long _started = time.Clock.GetTimestamp();
    private DateTimeOffset _toldAt = DateTimeOffset.MinValue;
    private LiveProgress _last;

    public void Tell(LiveProgress now)
    {
        var isNews = now.Trouble != _last.Trouble || (now.Unanswered == 0 && now.Accepted != _last.Accepted);
        if (!isNews && (now.Unanswered == 0 || time.UtcNow - _toldAt < Between))
        {
            return;
        }

        (_toldAt, _last) = (time.UtcNow, now);
        var left = options.Duration - time.Clock.GetElapsedTime(_started);
        var end = left is { } rest ? $", {Clock(rest)} left" : string.Empty;
        console.MarkupInterpolated(
            CultureInfo.InvariantCulture,
            $"round {now.Rounds}: {now.Accepted} taken, {now.Refused} refused, {now.Unanswered} to come; ");
        console.MarkupLineInterpolated($"next in {Clock(now.UntilNext)}{end}");
        if (now.Trouble is { } trouble)
        {
            console.MarkupLineInterpolated($"[yellow]{trouble}[/]");
        }
    }

    public static Table Summary(LiveReport report)
    {
        var table = new Table().Border(TableBorder.Simple).HideHeaders().AddColumns("", "");
        void Row(string name, FormattableString value) =>
            table.AddRow(Markup.Escape(name), Markup.Escape(value.ToString(CultureInfo.InvariantCulture)));
        Row("meters", $"{report.Meters}, over {report.Via}");
        Row("took", $"{report.Seconds} s, {report.Rounds} rounds");
        Row("readings", $"{report.Signed} signed, {report.Accepted} taken, {report.Duplicate} known already");
        foreach (var (code, count) in report.RefusedByCode)
        {
            Row("refused", $"{count} {code}");
        }

        Row("without answer", $"{report.Unanswered}, and {report.Dropped} given up");
        Row("requests", $"{report.Requests}, {report.Throttled} asked to wait, {report.Away} without answer");
        foreach (var (code, count) in report.AwayByCode)
        {
            Row("not through", $"{count} {code}");
        }

        var (median, p95, slowest) = report.LatencyMs;
        Row("latency", $"{median} ms median, {p95} at 95 %, {slowest} slowest");
        return table;
    }

    private static string Clock(TimeSpan span) =>
        (span > TimeSpan.Zero ? span : TimeSpan.Zero).ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);
}
