using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>
/// To a clock that is behind, every certificate begins in the future: TLS fails until the clock is right, and the
/// gateway tries on.
/// </summary>
public sealed class TlsTests
{
    [Fact]
    public async Task What_a_wrong_clock_keeps_from_the_cloud_is_kept_here_and_goes_once_tls_works()
    {
        await using var world = await World.CreateAsync();
        world.StoreDevices();
        using var authority = Authority();
        using var notYet = Certificate(authority, DateTimeOffset.UtcNow.AddDays(1));
        using var valid = Certificate(authority, DateTimeOffset.UtcNow.AddDays(-1));
        var trusted = Path.Combine(world.Folder, "authority.pem");
        await File.WriteAllTextAsync(trusted, authority.ExportCertificatePem());
        await ServeAsync(world, notYet);
        using var gateway = await GatewayProcess.StartAsync(world.Settings, ("SSL_CERT_FILE", trusted));
        var readings = Enumerable.Range(1, 5).Select(i => Some.Reading(world.Device, i)).ToList();

        await world.Fleet.SendUntilAcknowledgedAsync(readings);
        await Eventually.HoldsAsync(() => world.Cloud.Connections >= 3);
        world.Cloud.Accepted.ShouldBeEmpty();
        world.Cloud.Complaints.ShouldBeEmpty("nothing is said over a connection that is not trusted");
        world.Count("reading where status = 0").ShouldBe(readings.Count);
        await ServeAsync(world, valid);

        await Eventually.HoldsAsync(() => world.Cloud.Accepted.Count == readings.Count, TimeSpan.FromSeconds(60));
        world.Cloud.Accepted.Select(static reading => reading.Sequence).ShouldBe([1, 2, 3, 4, 5]);
        gateway.Log.ShouldContain("Forwarding failed");
    }

    private static async Task ServeAsync(World world, X509Certificate2 certificate)
    {
        await world.Cloud.StopAsync();
        world.Cloud.Certificate = certificate;
        await world.Cloud.RestartAsync();
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority of a test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(9));
    }

    private static X509Certificate2 Certificate(X509Certificate2 authority, DateTimeOffset from)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var serial = RandomNumberGenerator.GetBytes(8);
        using var bare = request.Create(authority, from, DateTimeOffset.UtcNow.AddDays(8), serial);
        using var whole = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }
}
