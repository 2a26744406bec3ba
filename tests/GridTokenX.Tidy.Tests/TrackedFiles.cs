using System.Diagnostics;
using GridTokenX.Testing;

namespace GridTokenX.Tidy.Tests;

/// <summary>The files that git tracks, or would track: what a reader of the repository sees.</summary>
internal static class TrackedFiles
{
    internal static IReadOnlyList<string> All { get; } = List();

    internal static IEnumerable<string> WithEnding(params string[] endings) =>
        All.Where(file => endings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)));

    internal static string[] Lines(string file) => File.ReadAllLines(RepositoryFiles.PathOf(file));

    private static List<string> List()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = RepositoryFiles.Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var git = Process.Start(start) ?? throw new InvalidOperationException("git did not start.");
        var files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        git.WaitForExit();
        return git.ExitCode == 0 && files.Count > 0
            ? [.. files.Where(static file => File.Exists(RepositoryFiles.PathOf(file)))]
            : throw new InvalidOperationException("git lists no files.");
    }
}
