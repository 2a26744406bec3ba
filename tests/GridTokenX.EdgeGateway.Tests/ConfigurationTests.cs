using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Protocol.Keys;
using Microsoft.Extensions.Configuration;

namespace GridTokenX.EdgeGateway.Tests;

public sealed class ConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-configuration-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_missing_setting_is_named_at_once()
    {
        var fault = Should.Throw<InvalidConfigurationException>(() => GatewayOptions.Read(Settings([])));

        fault.Message.ShouldContain("Gateway:KeyFile is missing");
        fault.Message.ShouldContain("Gateway:Database is missing");
        fault.Message.ShouldContain("Gateway:CloudUrl must be https");
        fault.Message.ShouldContain("Gateway:CloudBroker:Port must be a whole number from 1 to 65535");
    }

    [Theory]
    [InlineData("Gateway:CloudUrl", "http://cloud.example", "must be https")]
    [InlineData("Gateway:CloudUrl", "https://cloud.example/api", "must be https")]
    [InlineData("Gateway:CloudUrl", "cloud", "must be https")]
    [InlineData("Gateway:HomeBroker:Port", "0", "whole number")]
    [InlineData("Gateway:CloudBroker:Port", "65536", "whole number")]
    [InlineData("Gateway:CloudBroker:Host", "broker.example", "TlsAuthorityFile is needed")]
    [InlineData("Gateway:MaxDatabaseBytes", "1000", "whole number from 1048576")]
    [InlineData("Simulation:Enabled", "yes", "true or false")]
    [InlineData("Simulation:Start", "noon", "ISO 8601")]
    public void A_wrong_setting_is_named_with_what_it_must_be(string key, string value, string expected)
    {
        var fault = Should.Throw<InvalidConfigurationException>(() =>
            GatewayOptions.Read(Settings(new() { [key] = value }, complete: true)));

        var named = key is "Gateway:CloudBroker:Host" ? "Gateway:CloudBroker:TlsAuthorityFile" : key;
        fault.Message.ShouldContain(named);
        fault.Message.ShouldContain(expected);
    }

    [Fact]
    public void A_data_folder_names_key_file_and_database()
    {
        var options = GatewayOptions.Read(Settings(
            new() { ["Gateway:KeyFile"] = null, ["Gateway:Database"] = null, ["Gateway:DataFolder"] = "/var/lib/x" },
            complete: true));

        options.KeyFile.ShouldBe("/var/lib/x/gateway.key");
        options.Database.ShouldBe("/var/lib/x/gateway.db");
        options.MaxDatabaseBytes.ShouldBe(2_147_483_648);
    }

    [Fact]
    public void Identity_makes_the_key_once_for_its_owner_alone()
    {
        var path = Path.Combine(_folder, "keys", "gateway.key");

        var first = Identity.PublicKey(["--Gateway:KeyFile", path]);
        var second = Identity.PublicKey(["--Gateway:KeyFile", path]);

        second.ShouldBe(first);
        Key32.TryParse(first, out _).ShouldBeTrue();
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void Secrets_that_others_may_read_are_not_used()
    {
        var path = Path.Combine(_folder, "secret");
        _ = Identity.PublicKey(["--Gateway:KeyFile", path]);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        Should.Throw<InvalidConfigurationException>(() => Identity.PublicKey(["--Gateway:KeyFile", path]))
            .Message.ShouldContain("600");
        Should.Throw<InvalidConfigurationException>(() => Secrets.ReadPassword(path)).Message.ShouldContain("600");
        Should.Throw<InvalidConfigurationException>(() => Secrets.ReadPassword(path + "-missing"))
            .Message.ShouldContain("does not exist");
    }

    private static IConfigurationRoot Settings(Dictionary<string, string?> settings, bool complete = false)
    {
        var all = new Dictionary<string, string?>();
        if (complete)
        {
            all["Gateway:KeyFile"] = "key";
            all["Gateway:Database"] = "database";
            all["Gateway:CloudUrl"] = "https://cloud.example";
            all["Gateway:CloudBroker:Port"] = "8883";
        }

        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return new ConfigurationBuilder().AddInMemoryCollection(all).Build();
    }
}
