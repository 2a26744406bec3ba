using System.Text.Json;
using GridTokenX.Community.Reports;
using GridTokenX.Simulator.Reporting;

namespace GridTokenX.Simulator.Simulate;

/// <summary>Two reports side by side.</summary>
/// <param name="Inputs">What the runs were not given alike.</param>
/// <param name="Page">HTML.</param>
internal sealed record ComparedRuns(
    IReadOnlyList<ComparedFigure> Figures, IReadOnlyList<string> Inputs, string Page)
{
    /// <summary>What every report of real parts has, and none of market mode.</summary>
    private const string OfRealParts = "wall_seconds";

    /// <param name="first">The folder of a run, or its report itself.</param>
    /// <param name="second">Another one.</param>
    /// <exception cref="FormatException">They do not count the same, or one of them was stopped.</exception>
    /// <exception cref="JsonException">One is no report.</exception>
    public static ComparedRuns Read(string first, string second)
    {
        var (a, b) = (SimulationFolder.Read(first), SimulationFolder.Read(second));
        switch (IsOfRealParts(a), IsOfRealParts(b))
        {
            case (true, true):
                var (left, right) = (RealParts(first, a), RealParts(second, b));
                return new ComparedRuns(
                    StackComparison.Figures(left, right),
                    StackComparison.Inputs(left, right),
                    StackComparison.Page(left, right));
            case (false, false):
                var (one, other) = (ReportText.Read(a), ReportText.Read(b));
                return new ComparedRuns(
                    Comparison.Figures(one, other), Comparison.Inputs(one, other), Comparison.Page(one, other));
            default:
                throw new FormatException(
                    "One report is of market mode and the other of real parts: they count different things.");
        }
    }

    private static bool IsOfRealParts(string json)
    {
        using var report = JsonDocument.Parse(json);
        return report.RootElement.ValueKind == JsonValueKind.Object
            && report.RootElement.TryGetProperty(OfRealParts, out _);
    }

    private static DemoReport RealParts(string place, string json)
    {
        using var report = JsonDocument.Parse(json);
        if (report.RootElement.TryGetProperty("complete", out var complete)
            && complete.ValueKind == JsonValueKind.False)
        {
            throw new FormatException($"{place}: the run was stopped, and its books were under way.");
        }

        return report.Deserialize(ReportJson.Default.DemoReport)
            ?? throw new JsonException($"{place} is no report.");
    }
}
