using System.Globalization;
using GridTokenX.CloudCore.Operations;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Deploy;

public sealed class UnitFileTests
{
    private static readonly string Unit =
        RepositoryFiles.PathOf("deploy", "cloud-core", "gridtokenx-cloud-core.service");

    [Fact]
    public async Task Systemd_understands_every_line_and_finds_the_sandbox_tight()
    {
        if (SystemdAnalyze.IsThere)
        {
            (await SystemdAnalyze.ComplaintsAsync(Unit)).ShouldBeEmpty();
            (await SystemdAnalyze.ExposureAsync(Unit)).ShouldBeLessThanOrEqualTo(1.5);
        }
    }

    [Theory]
    [InlineData("Type=notify")]
    [InlineData("User=gridtokenx-cloud-core")]
    [InlineData("RestartPreventExitStatus=78")]
    [InlineData("StateDirectoryMode=0700")]
    [InlineData("UMask=0077")]
    [InlineData("NoNewPrivileges=yes")]
    [InlineData("CapabilityBoundingSet=")]
    [InlineData("ProtectSystem=strict")]
    [InlineData("ProtectHome=yes")]
    [InlineData("RestrictNamespaces=yes")]
    [InlineData("SystemCallFilter=@system-service")]
    [InlineData("SystemCallFilter=sched_setaffinity")] // .NET does not start without it.
    [InlineData("WatchdogSignal=SIGKILL")] // .NET outlives SIGABRT.
    public void The_unit_shuts_the_service_in(string line) => File.ReadAllLines(Unit).ShouldContain(line);

    [Fact]
    public void The_watchdog_waits_several_beats()
    {
        var seconds = int.Parse(
            File.ReadAllLines(Unit).Single(static line => line.StartsWith("WatchdogSec=", StringComparison.Ordinal))
                .Split('=')[1],
            CultureInfo.InvariantCulture);
        TimeSpan.FromSeconds(seconds).ShouldBeGreaterThan(Heartbeat.Interval * 4);
    }
}
