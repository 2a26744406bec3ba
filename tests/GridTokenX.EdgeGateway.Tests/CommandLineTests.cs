using System.IO.Compression;
using System.Net.Sockets;
using GridTokenX.EdgeGateway.CommandLine;
using GridTokenX.EdgeGateway.Page;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary><c>gtx-gateway</c> beside a running and a stopped gateway.</summary>
public sealed class CommandLineTests : IAsyncLifetime
{
    private World _world = null!;

    private string BackupFile => Path.Combine(_world.Folder, "backup.zip");

    public async Task InitializeAsync() => _world = await World.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Status_tells_how_the_running_gateway_is()
    {
        var (code, text) = await RunAsync("status");

        code.ShouldBe(0);
        text.ShouldContain("alarm         none");
        text.ShouldContain("devices       1");
        await _world.StopGatewayAsync();
        (code, text) = await RunAsync("status", "--urls", "http://127.0.0.1:1");
        code.ShouldBe(1);
        text.ShouldContain("does not answer");
    }

    [Fact]
    public async Task Claim_prints_a_code_that_the_running_page_takes()
    {
        var (code, text) = await RunAsync("claim");

        code.ShouldBe(0);
        var printed = text.Split('\n')[0].Split(' ')[1];
        _world.Part<Claim>().TryClaim(printed, "493817").ShouldBe(ClaimOutcome.Claimed);
        _world.Part<Claim>().TryClaim(printed, "000000").ShouldBe(ClaimOutcome.NoCode);
    }

    [Fact]
    public async Task Claim_with_the_owners_code_has_the_running_service_ask_the_cloud()
    {
        const string Code = "GTX-7KQ2-M0XV-9TDA";
        (await RunAsync("claim", "GTX-12", "--pin", "493817")).Text.ShouldContain("no owner's code");
        (await RunAsync("claim", Code, "--pin", "12")).Text.ShouldContain("6 to 12 digits");
        (await RunAsync("claim", Code, "--pin", "493817")).Text.ShouldContain("refused the code: unknown_claim");
        _world.Part<Claim>().IsClaimed.ShouldBeFalse();

        _world.Cloud.Pairing.Codes[Code] = new ClaimedGateway(
            _world.Device.PublicKey, "Ann's home", "zone-1", Some.Owner, _world.Wall.UtcNow.AddHours(1));
        var (code, text) = await RunAsync("claim", Code, "--pin", "493817");

        code.ShouldBe(0);
        text.ShouldContain("Ann's home");
        _world.Part<Claim>().IsPin("493817").ShouldBeTrue();
    }

    [Fact]
    public async Task Pair_prints_the_address_and_a_picture_of_it()
    {
        var (code, text) = await RunAsync("pair");

        code.ShouldBe(0);
        text.ShouldContain(".local:");
        text.ShouldContain("█");
    }

    [Fact]
    public async Task Check_says_what_is_wrong_and_what_to_do()
    {
        var (_, good) = await RunAsync("check");
        string[] lines = ["configuration", "permissions", "disk", "buffer", "clock", "home broker", "service"];
        foreach (var line in lines)
        {
            good.ShouldContain($"ok    {line}");
        }

        File.Delete(_world.TimesyncMarker);
        await _world.HomeBroker.StopAsync();
        var (code, bad) = await RunAsync("check");
        code.ShouldBe(1);
        bad.ShouldContain("FAIL  clock");
        bad.ShouldContain("FAIL  home broker");
        bad.ShouldContain("To do: systemctl status mosquitto");
    }

    [Fact]
    public async Task Check_asks_a_broker_at_its_local_socket()
    {
        var path = Path.Combine(_world.SystemRoot, "broker");
        using (var broker = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            broker.Bind(new UnixDomainSocketEndPoint(path));
            broker.Listen();
            var (_, good) = await RunAsync("check", "--Gateway:HomeBroker:Host", path);
            good.ShouldContain("ok    home broker");
        }

        var (code, bad) = await RunAsync("check", "--Gateway:HomeBroker:Host", path);
        code.ShouldBe(1);
        bad.ShouldContain($"FAIL  home broker: {path} does not answer");
    }

    [Fact]
    public async Task Check_tells_of_a_weak_supply_and_of_a_cloud_that_shows_no_certificate()
    {
        var supply = Path.Combine(_world.SystemRoot, "sys/class/hwmon/hwmon0");
        _ = Directory.CreateDirectory(supply);
        await File.WriteAllTextAsync(Path.Combine(supply, "name"), "rpi_volt\n");
        await File.WriteAllTextAsync(Path.Combine(supply, "in0_lcrit_alarm"), "1\n");

        var (code, text) = await RunAsync("check", "--Gateway:CloudUrl", "https://127.0.0.1:1");

        code.ShouldBe(1);
        text.ShouldContain("FAIL  power supply: the supply is too weak. To do: use the supply made for this board");
        text.ShouldContain("FAIL  cloud: https://127.0.0.1:1/ does not answer. To do: check the internet connection");
        text.ShouldContain("FAIL  certificate: ");
    }

    [Fact]
    public async Task Check_names_every_fault_of_the_configuration_on_a_line_of_its_own()
    {
        var (code, text) = await RunAsync("check", "--Gateway:StatusLid", "ACT", "--Gateway:BatchWindowMs", "soon");

        code.ShouldBe(1);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        lines.ShouldAllBe(static line => line.StartsWith("FAIL  configuration: ", StringComparison.Ordinal));
        text.ShouldContain(
            "Gateway:StatusLid is no setting of this gateway (unknown_setting); the nearest one is "
            + "Gateway:StatusLed. To do: correct");
        text.ShouldContain("Gateway:BatchWindowMs must be a whole number");
    }

    [Fact]
    public async Task A_backup_brings_key_and_readings_back()
    {
        await _world.Cloud.StopAsync();
        await _world.Fleet.SendUntilAcknowledgedAsync(
            [.. Enumerable.Range(1, 5).Select(i => Some.Reading(_world.Device, i))]);
        (await RunAsync("backup", BackupFile)).Code.ShouldBe(0);
        File.GetUnixFileMode(BackupFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (refused, why) = await RunAsync("restore", BackupFile);
        refused.ShouldBe(1);
        why.ShouldContain("stop it first");
        var key = (await RunAsync("identity")).Text;

        await _world.StopGatewayAsync();
        File.Delete(_world.Database);
        File.Delete(Path.Combine(_world.Folder, "gateway.key"));
        (await RunAsync("restore", BackupFile, "--urls", "http://127.0.0.1:1")).Code.ShouldBe(0);

        (await RunAsync("identity")).Text.ShouldBe(key);
        await _world.Cloud.RestartAsync();
        await _world.StartGatewayAsync();
        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("../gateway.key")]
    [InlineData("/etc/passwd")]
    [InlineData("more")]
    public async Task A_backup_with_other_names_in_it_is_refused_and_nothing_changes(string name)
    {
        await _world.StopGatewayAsync();
        await using (var zip = await ZipFile.OpenAsync(BackupFile, ZipArchiveMode.Create))
        {
            await using var writer = await zip.CreateEntry(name).OpenAsync();
            writer.Write("evil"u8);
        }

        var before = await File.ReadAllTextAsync(Path.Combine(_world.Folder, "gateway.key"));

        var (code, text) = await RunAsync("restore", BackupFile, "--urls", "http://127.0.0.1:1");

        code.ShouldBe(1);
        text.ShouldContain("no backup of a gateway");
        (await File.ReadAllTextAsync(Path.Combine(_world.Folder, "gateway.key"))).ShouldBe(before);
        File.Exists(Path.Combine(Path.GetDirectoryName(_world.Folder)!, "gateway.key")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_restore_that_fails_at_its_last_step_changes_nothing()
    {
        (await RunAsync("backup", BackupFile)).Code.ShouldBe(0);
        await _world.StopGatewayAsync();
        var key = Path.Combine(_world.Folder, "gateway.key");
        await File.WriteAllTextAsync(key, "another");
        foreach (var file in Directory.GetFiles(_world.Folder, Path.GetFileName(_world.Database) + "*"))
        {
            File.Delete(file);
        }

        _ = Directory.CreateDirectory(_world.Database);
        var before = Directory.GetFileSystemEntries(_world.Folder).Order(StringComparer.Ordinal).ToList();

        var (code, text) = await RunAsync("restore", BackupFile, "--urls", "http://127.0.0.1:1");

        code.ShouldBe(1);
        text.ShouldContain("Nothing was restored");
        (await File.ReadAllTextAsync(key)).ShouldBe("another");
        Directory.GetFileSystemEntries(_world.Folder).Order(StringComparer.Ordinal).ShouldBe(before);
    }

    [Fact]
    public async Task Bundle_writes_a_file_without_secrets()
    {
        var file = Path.Combine(_world.Folder, "bundle.zip");

        (await RunAsync("bundle", file)).Code.ShouldBe(0);

        await using var zip = await ZipFile.OpenReadAsync(file);
        zip.GetEntry("status.json").ShouldNotBeNull();
        zip.Entries.ShouldAllBe(static entry => !entry.Name.Contains("key"));
    }

    private async Task<(int Code, string Text)> RunAsync(string command, params string[] rest)
    {
        using var output = new StringWriter();
        string[] urls = rest.Contains("--urls") || !_world.IsRunning ? [] : ["--urls", _world.Url];
        string[] settings = [.. _world.Settings.Skip(2)];

        // Of two settings with the same name the last one counts.
        string[] arguments = rest.Length > 0 && rest[0].StartsWith("--Gateway:", StringComparison.Ordinal)
            ? [command, .. settings, .. urls, .. rest]
            : [command, .. rest, .. settings, .. urls];
        var code = await GatewayCommands.RunAsync(arguments, TimeProvider.System, output);
        return (code, output.ToString());
    }
}
