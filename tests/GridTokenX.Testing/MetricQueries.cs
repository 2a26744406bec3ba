using System.Text.Json;
using System.Text.RegularExpressions;

namespace GridTokenX.Testing;

/// <summary>The metrics that dashboards and alarm rules ask for.</summary>
public static partial class MetricQueries
{
    /// <summary>Of every panel of a Grafana dashboard, and of its variables.</summary>
    public static IReadOnlySet<string> OfDashboard(string json)
    {
        using var board = JsonDocument.Parse(json);
        var root = board.RootElement;
        var asked = root.GetProperty("panels").EnumerateArray()
            .SelectMany(static panel => panel.TryGetProperty("targets", out var targets)
                ? targets.EnumerateArray().Select(static target => target.GetProperty("expr").GetString()!)
                : [])
            .ToList();
        asked.AddRange(root.GetProperty("templating").GetProperty("list").EnumerateArray()
            .Select(static variable => variable.GetProperty("query"))
            .Where(static query => query.ValueKind == JsonValueKind.Object)
            .Select(static query => query.GetProperty("query").GetString()!));
        return Names(asked);
    }

    /// <summary>Of a group of Prometheus' rules: what each alarm is called, and what it asks for.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<string>> OfRules(string yaml, string group)
    {
        var text = yaml.Split("  - name: ").Single(part => part.StartsWith($"{group}\n", StringComparison.Ordinal));
        return text.Split("- alert: ").Skip(1).ToDictionary<string, string, IReadOnlySet<string>>(
            static rule => rule.Split('\n')[0],
            static rule => Rule().Match(rule) is { Success: true } match
                ? Names([match.Groups["expr"].Value])
                : throw new FormatException($"Not a rule with all that belongs to one:\n{rule}"));
    }

    /// <summary>A histogram's series are asked for by three names.</summary>
    public static string FamilyOf(string name) => Suffix().Replace(name, "");

    private static HashSet<string> Names(IEnumerable<string> queries) =>
        queries.SelectMany(static query => Name().Matches(Labels().Replace(query, "")))
            .Select(static name => name.Value)
            .ToHashSet();

    [GeneratedRegex("(gtx|db|kestrel)_[a-z_]+", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    [GeneratedRegex(@"\{[^}]*\}|\bby \([^)]*\)", RegexOptions.NonBacktracking)]
    private static partial Regex Labels();

    [GeneratedRegex("_(bucket|sum|count)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Suffix();

    [GeneratedRegex(
        @"^\S+\n {8}expr: (?<expr>[^\n]+)\n( {8}for: [0-9]+[mh]\n)?"
        + @" {8}labels: \{ severity: (critical|warning) \}\n {8}annotations:\n {10}summary: [^\n]+\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Rule();
}
