using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Senses;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.CommandLine;

/// <summary><c>check</c>: one line each of what the gateway needs, and what to do where it is missing.</summary>
internal sealed class Checks(IConfiguration configuration, TimeProvider system, TextWriter output)
{
    private const long Mebibyte = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RenewAhead = TimeSpan.FromDays(14);
    private bool _hasFailed;

    internal async Task<int> RunAsync()
    {
        GatewayOptions options;
        try
        {
            options = GatewayOptions.Read(configuration);
        }
        catch (InvalidConfigurationException exception)
        {
            foreach (var fault in exception.Faults)
            {
                Tell("configuration", fault.TrimEnd('.'), "correct /etc/gridtokenx-gateway/appsettings.json");
            }

            return 1;
        }

        Tell("configuration", null, string.Empty);
        CheckPermissions(options);
        CheckDisk(options);
        CheckBuffer(options);
        var files = new SystemFiles(options.SystemRoot);
        Tell(
            "clock",
            files.IsTimeSynchronised() ? null : "the system's clock is not synchronised",
            "connect the network, or allow NTP; the cloud's time is used meanwhile");
        await CheckPortAsync("home broker", options.HomeBroker, "systemctl status mosquitto");
        await CheckCloudAsync(options);
        await CheckPortAsync("cloud broker", options.CloudBroker, "ask the operator; check the router");
        CheckPower(files);
        var answer = await GatewayCommands.GetAsync(new Uri(GatewayCommands.Local(configuration), "/health/ready"));
        Tell(
            "service",
            answer is null ? "it does not answer, or is not ready" : null,
            "systemctl status gridtokenx-gateway");
        return _hasFailed ? 1 : 0;
    }

    private void Tell(string what, string? fault, string remedy)
    {
        _hasFailed |= fault is not null;
        output.WriteLine(fault is null ? $"ok    {what}" : $"FAIL  {what}: {fault}. To do: {remedy}.");
    }

    private void CheckPermissions(GatewayOptions options)
    {
        string? fault = null;
        try
        {
            const UnixFileMode Others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            if (!File.Exists(options.KeyFile))
            {
                fault = $"there is no key at {options.KeyFile}";
            }
            else if ((File.GetUnixFileMode(options.KeyFile) & Others) != UnixFileMode.None)
            {
                fault = $"others may read {options.KeyFile}";
            }
            else
            {
                using var key = File.OpenRead(options.KeyFile);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            fault = exception.Message;
        }

        Tell("permissions", fault, $"chmod 600 {options.KeyFile}; it belongs to the service's user");
    }

    private void CheckDisk(GatewayOptions options)
    {
        string? fault = null;
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(options.Database))!;
            var free = new DriveInfo(folder).AvailableFreeSpace;
            fault = free < SenseWatch.LeastFreeBytes ? $"only {free / Mebibyte} MiB are free in {folder}" : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            fault = exception.Message;
        }

        Tell("disk", fault, "remove what is not needed, or use a larger card");
    }

    private void CheckBuffer(GatewayOptions options)
    {
        using var database = new GatewayDatabase(options.Database, new WallTime(system), mayReplace: false);
        Tell(
            "buffer",
            database.IsOpen ? null : database.Fault,
            "the service mends a damaged buffer when it starts; otherwise check the disk");
    }

    private async Task CheckPortAsync(string what, BrokerOptions broker, string remedy)
    {
        string? fault = null;
        try
        {
            using var limit = new CancellationTokenSource(Patience, system);
            using var socket = MqttOptions.IsLocal(broker.Host)
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(SocketType.Stream, ProtocolType.Tcp);
            EndPoint end = MqttOptions.IsLocal(broker.Host)
                ? new UnixDomainSocketEndPoint(broker.Host)
                : new DnsEndPoint(broker.Host, broker.Port);
            await socket.ConnectAsync(end, limit.Token);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            fault = $"{broker.Address} does not answer";
        }

        Tell(what, fault, remedy);
    }

    private async Task CheckCloudAsync(GatewayOptions options)
    {
        var answer = await GatewayCommands.GetAsync(new Uri(options.CloudUrl, "/health"));
        Tell("cloud", answer is null ? $"{options.CloudUrl} does not answer" : null, "check the internet connection");
        if (options.CloudUrl.Scheme == "https")
        {
            Tell("certificate", await CertificateFaultAsync(options.CloudUrl), "check the clock; tell the operator");
        }
    }

    private async Task<string?> CertificateFaultAsync(Uri cloud)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience, system);
            using var client = new TcpClient();
            await client.ConnectAsync(cloud.Host, cloud.Port, limit.Token);
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = cloud.Host }, limit.Token);
            using var certificate = new X509Certificate2(tls.RemoteCertificate!);
            var left = certificate.NotAfter.ToUniversalTime() - system.GetUtcNow().UtcDateTime;
            return left < RenewAhead ? $"it ends in {left.TotalDays:F0} days" : null;
        }
        catch (Exception exception) when (
            exception is SocketException or IOException or OperationCanceledException or CryptographicException
                or System.Security.Authentication.AuthenticationException)
        {
            return exception.Message;
        }
    }

    private void CheckPower(SystemFiles files)
    {
        var senses = new SenseReader(files).Read();
        string? fault = null;
        if (senses.UnderVoltage == true)
        {
            fault = "the supply is too weak";
        }
        else if (senses.Sources.Any(static source => source.Discharging))
        {
            fault = "the mains are gone";
        }

        Tell("power supply", fault, "use the supply made for this board, and check the mains");
    }
}
