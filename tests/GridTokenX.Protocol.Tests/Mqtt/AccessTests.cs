using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridTokenX.Testing;

namespace GridTokenX.Protocol.Tests.Mqtt;

public sealed class AccessTests
{
    private static readonly Dictionary<string, string> Users = new() { ["gateway"] = "right", ["device"] = "right" };

    [Fact]
    public async Task The_right_password_is_let_in_and_a_wrong_one_is_refused_and_reported()
    {
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(Users));
        var options = Client.Options(broker.Port, "gateway") with { UserName = "gateway", Password = "right" };
        await using var right = await Client.ConnectAsync(options);

        await using var wrong = new Client(options with { ClientId = "wrong", Password = "wrong" });
        wrong.Connection.Start();

        await Eventually.HoldsAsync(() => wrong.Reports.Any(static report =>
            report.Contains("not authorised", StringComparison.OrdinalIgnoreCase)));
        wrong.Connection.IsConnected.ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_access_list_forbids_does_not_arrive()
    {
        const string Acl = "user gateway\ntopic readwrite #\nuser device\ntopic write own\n";
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(Users, Acl));
        var options = Client.Options(broker.Port, "gateway") with { UserName = "gateway", Password = "right" };
        await using var gateway = await Client.ConnectAsync(options, "#");
        await using var device = await Client.ConnectAsync(options with { ClientId = "device", UserName = "device" });

        await device.PublishAsync("foreign", "no");
        await device.PublishAsync("own", "yes");

        await Eventually.HoldsAsync(() => !gateway.Received.IsEmpty);
        gateway.Texts.ShouldBe(["yes"]);
    }

    [Fact]
    public async Task Tls_connects_with_the_right_authority_and_refuses_another_one()
    {
        using var folder = new TemporaryFolder();
        var (authority, certificate, key) = MakeCertificates(folder.Path, "right");
        var (foreign, _, _) = MakeCertificates(folder.Path, "foreign");
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(Tls: (certificate, key)));
        var options = Client.Options(broker.Port, "trusting") with { TlsAuthorityFile = authority };
        await using var trusting = await Client.ConnectAsync(options, "a");
        await using var wary = new Client(options with { ClientId = "wary", TlsAuthorityFile = foreign });
        wary.Connection.Start();

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => trusting.PublishAsync("a", new string('x', 50 + i))));

        await Eventually.HoldsAsync(() => trusting.Received.Count == 500);
        await Eventually.HoldsAsync(() => wary.Reports.Any(static report =>
            report.Contains("certificate verify failed", StringComparison.Ordinal)));
        wary.Connection.IsConnected.ShouldBeFalse();
    }

    [Fact]
    public async Task Tls_finds_a_broker_again_that_was_killed_and_one_that_came_late()
    {
        using var folder = new TemporaryFolder();
        var (authority, certificate, key) = MakeCertificates(folder.Path, "right");
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(Tls: (certificate, key)));
        await using var client = await Client.ConnectAsync(
            Client.Options(broker.Port, "client") with { TlsAuthorityFile = authority }, "a");

        broker.Kill9();
        await client.DisconnectedAsync();
        await Eventually.HoldsAsync(() => client.Reports.Count >= 3);
        await broker.RestartAsync();
        await client.ConnectedAsync();

        await client.PublishAsync("a", "back");
        await Eventually.HoldsAsync(() => client.Texts.Contains("back"));
    }

    [Fact]
    public async Task An_authority_file_that_is_missing_is_reported_and_tried_again()
    {
        var options = Client.Options(1883, "client") with { TlsAuthorityFile = "/nowhere/ca.pem" };
        await using var client = new Client(options);
        client.Connection.Start();

        await Eventually.HoldsAsync(() => client.Reports.Count >= 2);

        client.Reports.ShouldAllBe(static report => report.Contains("/nowhere/ca.pem", StringComparison.Ordinal));
    }

    private static (string Authority, string Certificate, string Key) MakeCertificates(string folder, string name)
    {
        var now = DateTimeOffset.UtcNow;
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));

        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=127.0.0.1", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        using var certificate = server.Create(authority, now.AddDays(-1), now.AddHours(12), [1]);

        var path = Path.Combine(folder, name);
        var files = ($"{path}-ca.pem", $"{path}.pem", $"{path}.key");
        File.WriteAllText(files.Item1, authority.ExportCertificatePem());
        File.WriteAllText(files.Item2, certificate.ExportCertificatePem());
        File.WriteAllText(files.Item3, serverKey.ExportPkcs8PrivateKeyPem());
        return files;
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("gridtokenx-tls-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
