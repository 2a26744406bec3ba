using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>systemd's own judgement of the unit; needs no systemd that runs, only its tool.</summary>
public sealed partial class UnitFileTests
{
    private const string Tool = "/usr/bin/systemd-analyze";

    [Theory]
    [InlineData("gridtokenx-gateway.service", 1.5)]
    [InlineData("gridtokenx-gateway-access.service", 2.0)]
    public async Task Systemd_finds_the_sandbox_tight(string unit, double exposureMax)
    {
        if (!File.Exists(Tool))
        {
            return; // The lines that matter are held by the package's tests as well.
        }

        var (status, said) = await AnalyzeAsync("security", "--offline=true", "--no-pager", FileOf(unit));

        status.ShouldBe(0, said);
        var exposure = Exposure().Match(said);
        exposure.Success.ShouldBeTrue(said);
        double.Parse(exposure.Groups["level"].Value, CultureInfo.InvariantCulture).ShouldBeLessThanOrEqualTo(
            exposureMax, said);
    }

    [Theory]
    [InlineData("gridtokenx-gateway.service")]
    [InlineData("gridtokenx-gateway-access.service")]
    [InlineData("gridtokenx-gateway-access.path")]
    public async Task Systemd_understands_every_line(string unit)
    {
        if (!File.Exists(Tool))
        {
            return;
        }

        var (_, said) = await AnalyzeAsync("verify", "--man=no", FileOf(unit));

        // A program or a unit that is not installed here is no fault of the file.
        said.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Contains($"{unit}:", StringComparison.Ordinal)
                && !line.Contains("is not executable", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    private static string FileOf(string unit) => Path.Combine(RepositoryFiles.Root, "deploy", "gateway", unit);

    private static async Task<(int Status, string Said)> AnalyzeAsync(params string[] arguments)
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
