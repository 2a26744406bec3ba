using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GridTokenX.Firmware.Board;
using GridTokenX.Firmware.Panel;
using GridTokenX.Testing;

namespace GridTokenX.Firmware.Tests.Board;

/// <summary>The broker's certificate is checked with the ca.pem that the installer puts on the device.</summary>
public sealed class TlsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Broker_is_believed_only_with_a_certificate_of_the_right_authority(bool isRight)
    {
        var folder = Directory.CreateTempSubdirectory("gtx-tls-").FullName;
        try
        {
            using var authority = Authority("right");
            using var other = Authority("other");
            await using var broker = await MosquittoBroker.StartAsync(
                new MosquittoBrokerOptions(Tls: ServerFiles(authority, folder)));
            var flash = new SimulatedFlash();
            flash.Install("ca.pem", Encoding.ASCII.GetBytes((isRight ? authority : other).ExportCertificatePem()));
            var config = $$"""{"wifi_ssid":"home","broker":"localhost","broker_port":{{broker.Port}},"tls":1}""";
            var network = new SimulatedNetwork();
            network.ConnectTimeout = isRight ? network.ConnectTimeout : TimeSpan.FromSeconds(2);
            using var board = SimulatedBoard.Start(config, DateTimeOffset.UtcNow, flash, network);

            board.Step(DateTimeOffset.UtcNow, 0);

            (board.IsOnline, board.Light == LightPattern.NoGateway).ShouldBe((isRight, !isRight));
            board.Hardware.Network.LeaveAll();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Missing_or_broken_authority_is_a_fault_of_the_settings()
    {
        const string Config = """{"wifi_ssid":"home","broker":"localhost","tls":1}""";
        var flash = new SimulatedFlash();
        using var without = SimulatedBoard.Start(Config, Bench.Start, flash, new ScriptedGateway());
        flash.Install("ca.pem", [1, 2, 3]);
        using var broken = SimulatedBoard.Start(Config, Bench.Start, flash, new ScriptedGateway());

        (without.Device, broken.Device).ShouldBe((null, null));
        string.Join(' ', broken.Hardware.Serial).ShouldContain("ca.pem is no certificate");
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-2), now.AddDays(1));
    }

    private static (string Certificate, string Key) ServerFiles(X509Certificate2 authority, string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.Create(authority, now.AddDays(-1), now.AddHours(12), [1]);
        var files = (Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        File.WriteAllText(files.Item1, certificate.ExportCertificatePem());
        File.WriteAllText(files.Item2, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
