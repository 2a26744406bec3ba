using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace GridTokenX.Testing;

/// <summary>systemd's own judgement of a unit; needs no systemd that runs, only its tool.</summary>
public static partial class SystemdAnalyze
{
    private const string Tool = "/usr/bin/systemd-analyze";

    public static bool IsThere => File.Exists(Tool);

    /// <summary>From 0 for shut in to 10 for open.</summary>
    public static async Task<double> ExposureAsync(string unitFile)
    {
        var (status, said) = await RunAsync("security", "--offline=true", "--no-pager", unitFile);
        var exposure = Exposure().Match(said);
        return status == 0 && exposure.Success
            ? double.Parse(exposure.Groups["level"].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException(said);
    }

    /// <summary>
    /// Lines that it does not understand. A program or a unit that is not installed here is no fault of the file.
    /// </summary>
    public static async Task<IReadOnlyList<string>> ComplaintsAsync(string unitFile)
    {
        var (_, said) = await RunAsync("verify", "--man=no", unitFile);
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Contains($"{Path.GetFileName(unitFile)}:", StringComparison.Ordinal)
                && !line.Contains("is not executable", StringComparison.Ordinal))];
    }

    private static async Task<(int Status, string Said)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Tool, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["SYSTEMD_COLORS"] = "0", ["LC_ALL"] = "C.UTF-8" },
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex(
        @"Overall exposure level for \S+: (?<level>[0-9.]+)",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Exposure();
}
