using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using GridTokenX.Mqtt;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>What goes into the Debian package, held against the real thing without installing it.</summary>
public sealed class PackageTests
{
    private const string Device = "5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1";
    private const string Other = "4o5G2wTXVmcGcJ2WM7W9WrR3tXvXSUxYr8vSb2nZQ6cA";

    [Fact]
    public async Task A_device_may_speak_and_listen_only_under_its_own_name()
    {
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(
            new Dictionary<string, string> { ["gateway"] = "g", [Device] = "d", [Other] = "o" },
            await File.ReadAllTextAsync(Deployed("access"))));
        await using var gateway = Client(broker, "gateway", "g");
        await using var device = Client(broker, Device, "d");
        await using var other = Client(broker, Other, "o");
        var heardByGateway = Heard(gateway, "gtx/v1/#");
        var heardByDevice = Heard(device, "gtx/v1/#", $"gtx/v1/{Device}/command", "gtx/v1/time");
        foreach (var client in new[] { gateway, device, other })
        {
            client.Start();
            await Eventually.HoldsAsync(() => client.IsConnected);
        }

        // mosquitto acknowledges what it drops, so what arrives is looked at, behind a last message that may pass.
        foreach (var name in new[] { "reading", "state", "status", "command", "reading/ack", "pairing" })
        {
            await SendAsync(other, $"gtx/v1/{Device}/{name}");
        }

        await SendAsync(other, "gtx/v1/time");
        await SendAsync(other, $"gtx/v1/{Other}/reading");
        await Eventually.HoldsAsync(() => heardByGateway.Contains($"gtx/v1/{Other}/reading"));
        heardByGateway.ShouldBe([$"gtx/v1/{Other}/reading"]);

        await SendAsync(gateway, $"gtx/v1/{Other}/command");
        await SendAsync(gateway, $"gtx/v1/{Device}/command");
        await SendAsync(gateway, "gtx/v1/time");
        await Eventually.HoldsAsync(() => heardByDevice.Contains("gtx/v1/time"));
        heardByDevice.Distinct().ShouldBe([$"gtx/v1/{Device}/command", "gtx/v1/time"]);
    }

    [Fact]
    public async Task A_device_that_the_gateway_names_no_more_is_shut_out_and_comes_back_with_its_password()
    {
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(
            new Dictionary<string, string> { ["gateway"] = "g", [Device] = "d", [Other] = "o" },
            await File.ReadAllTextAsync(Deployed("access"))));
        await using var gateway = Client(broker, "gateway", "g");
        await using var device = Client(broker, Device, "d");
        await using var other = Client(broker, Other, "o");
        foreach (var client in new[] { gateway, device, other })
        {
            client.Start();
            await Eventually.HoldsAsync(() => client.IsConnected);
        }

        await ApplyAccessAsync(broker, Other, "gateway", "../passwords", "*");
        await Eventually.HoldsAsync(() => !device.IsConnected);
        other.IsConnected.ShouldBeTrue();
        gateway.IsConnected.ShouldBeTrue();

        await ApplyAccessAsync(broker, Other, Device);
        await Eventually.HoldsAsync(() => device.IsConnected);
    }

    [Fact]
    public async Task Whoever_an_installer_let_in_has_a_day_to_be_paired()
    {
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(
            new Dictionary<string, string> { ["gateway"] = "g", [Device] = "d", [Other] = "o" }));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await File.WriteAllTextAsync(
            Path.Combine(broker.Folder, "users.added"), $"{Device} {now - 60}\n{Other} {now - 90_000}\n");

        await ApplyAccessAsync(broker);

        var users = (await File.ReadAllLinesAsync(Path.Combine(broker.Folder, "passwords")))
            .Select(static line => line.Split(':')[0]);
        users.ShouldBe(["gateway", Device], ignoreOrder: true);
        (await File.ReadAllLinesAsync(Path.Combine(broker.Folder, "users"))).Length.ShouldBe(3);
    }

    [Fact]
    public async Task Nobody_without_a_password_is_let_in()
    {
        var lines = await File.ReadAllLinesAsync(Deployed("gridtokenx.mosquitto"));
        lines.ShouldContain("per_listener_settings true");
        lines.ShouldContain("allow_anonymous false");
        lines.ShouldContain("acl_file /etc/gridtokenx-gateway/broker/access");
    }

    [Theory]
    [InlineData("Type=notify")]
    [InlineData("WatchdogSec=180")]
    [InlineData("User=gridtokenx-gateway")]
    [InlineData("NoNewPrivileges=yes")]
    [InlineData("CapabilityBoundingSet=")]
    [InlineData("ProtectSystem=strict")]
    [InlineData("ProtectHome=yes")]
    [InlineData("PrivateDevices=yes")]
    [InlineData("RestrictNamespaces=yes")]
    [InlineData("SystemCallFilter=@system-service")]
    [InlineData("SystemCallFilter=sched_setaffinity")] // .NET does not start without it.
    [InlineData("WatchdogSignal=SIGKILL")] // .NET outlives SIGABRT.
    [InlineData("RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK")]
    [InlineData("UMask=0077")]
    public async Task The_unit_shuts_the_service_in(string line) =>
        (await File.ReadAllLinesAsync(Deployed("gridtokenx-gateway.service"))).ShouldContain(line);

    [Fact]
    public async Task The_watchdog_waits_several_beats()
    {
        var unit = await File.ReadAllLinesAsync(Deployed("gridtokenx-gateway.service"));
        var seconds = int.Parse(
            unit.Single(static line => line.StartsWith("WatchdogSec=", StringComparison.Ordinal)).Split('=')[1],
            CultureInfo.InvariantCulture);
        TimeSpan.FromSeconds(seconds).ShouldBeGreaterThan(Hosting.Heartbeat.Interval * 4);
        TimeSpan.FromSeconds(seconds).ShouldBeGreaterThan(Hosting.Heartbeat.Stuck);
    }

    private static async Task ApplyAccessAsync(MosquittoBroker broker, params string[] named)
    {
        var list = Path.Combine(broker.Folder, "list");
        await File.WriteAllLinesAsync(list, named);
        using var applying = Process.Start(
            "/bin/sh",
            [Deployed("apply-access"), list, Path.Combine(broker.Folder, "users"),
                Path.Combine(broker.Folder, "passwords")]);
        await applying.WaitForExitAsync();
        applying.ExitCode.ShouldBe(0);
        broker.Reload();
    }

    private static string Deployed(string name) =>
        Path.Combine(RepositoryFiles.Root, "deploy", "gateway", name);

    private static MosquittoConnection Client(MosquittoBroker broker, string user, string password) =>
        new(
            new MqttOptions
            {
                Host = "127.0.0.1",
                Port = broker.Port,
                ClientId = user,
                UserName = user,
                Password = password,
                CleanSession = true,
            },
            static (_, _) => { });

    private static ConcurrentQueue<string> Heard(
        MosquittoConnection client, params string[] filters)
    {
        var heard = new ConcurrentQueue<string>();
        client.MessageReceived += message => heard.Enqueue(message.Topic);
        foreach (var filter in filters)
        {
            client.Subscribe(filter, MqttQos.AtLeastOnce);
        }

        return heard;
    }

    private static Task SendAsync(MosquittoConnection client, string topic) =>
        client.PublishAsync(topic, "{}"u8.ToArray(), MqttQos.AtLeastOnce, retain: false, CancellationToken.None);
}
