namespace GridTokenX.Simulator.Reporting;

/// <summary>The report of a run on real parts as a folder: a page and tables; the JSON lies beside them.</summary>
internal static class StackFolder
{
    public static void Write(
        string folder, DemoReport report, IReadOnlyList<StackQuarter> quarters)
    {
        _ = Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "report.html"), StackPage.Of(report, quarters));
        File.WriteAllText(Path.Combine(folder, "epochs.csv"), StackTables.Epochs(quarters));
        File.WriteAllText(Path.Combine(folder, "homes.csv"), StackTables.Homes(report));
    }
}
