using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

public sealed class UnitFileTests
{
    [Theory]
    [InlineData("gridtokenx-gateway.service", 1.8)]
    [InlineData("gridtokenx-gateway-access.service", 2.0)]
    public async Task Systemd_finds_the_sandbox_tight(string unit, double exposureMax)
    {
        if (SystemdAnalyze.IsThere) // The lines that matter are held by the package's tests as well.
        {
            (await SystemdAnalyze.ExposureAsync(FileOf(unit))).ShouldBeLessThanOrEqualTo(exposureMax);
        }
    }

    [Theory]
    [InlineData("gridtokenx-gateway.service")]
    [InlineData("gridtokenx-gateway-access.service")]
    [InlineData("gridtokenx-gateway-access.path")]
    public async Task Systemd_understands_every_line(string unit)
    {
        if (SystemdAnalyze.IsThere)
        {
            (await SystemdAnalyze.ComplaintsAsync(FileOf(unit))).ShouldBeEmpty();
        }
    }

    private static string FileOf(string unit) => RepositoryFiles.PathOf("deploy", "gateway", unit);
}
