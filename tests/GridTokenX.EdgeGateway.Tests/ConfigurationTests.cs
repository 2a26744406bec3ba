using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Protocol.Keys;
using GridTokenX.Testing;
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
    public void A_path_that_no_socket_can_have_is_named()
    {
        var settings = new Dictionary<string, string?> { ["Gateway:HomeBroker:Host"] = $"/{new string('ก', 36)}" };
        Should.Throw<InvalidConfigurationException>(() => GatewayOptions.Read(Settings(settings, complete: true)))
            .Faults.ShouldHaveSingleItem().ShouldContain("longer than 107 bytes");
    }

    [Theory]
    [InlineData("Gateway:HomeBroker")]
    [InlineData("Gateway:CloudBroker")]
    public void A_local_socket_is_a_host_that_knows_no_tls(string section)
    {
        var settings = new Dictionary<string, string?> { [$"{section}:Host"] = "/run/broker/socket" };
        var options = GatewayOptions.Read(Settings(settings, complete: true));
        var broker = section is "Gateway:HomeBroker" ? options.HomeBroker : options.CloudBroker;
        broker.Host.ShouldBe("/run/broker/socket");

        settings[$"{section}:TlsAuthorityFile"] = "/etc/ssl/ca.pem";
        Should.Throw<InvalidConfigurationException>(() => GatewayOptions.Read(Settings(settings, complete: true)))
            .Faults.ShouldHaveSingleItem()
            .ShouldStartWith($"{section}:TlsAuthorityFile does not go with a local socket");
    }

    [Theory]
    [InlineData("Gateway:ClodUrl", "Gateway:CloudUrl")]
    [InlineData("gateway:cloudurls", "Gateway:CloudUrl")]
    [InlineData("Gateway:CloudBroker:Prt", "Gateway:CloudBroker:Port")]
    [InlineData("Gateway:CloudBrokr:Host", "Gateway:CloudBroker:Host")]
    [InlineData("Gateway:HomeBroker:PaswordFile", "Gateway:HomeBroker:PasswordFile")]
    [InlineData("Gateway:TlsAuthorityFile", "Gateway:HomeBroker:TlsAuthorityFile")]
    [InlineData("Simulation:Enable", "Simulation:Enabled")]
    public void A_misspelt_setting_is_refused_with_its_path_and_the_nearest_known_one(string key, string meant)
    {
        var fault = Should.Throw<InvalidConfigurationException>(() =>
            GatewayOptions.Read(Settings(new() { [key] = "1" }, complete: true)));

        var sentence = fault.Faults.ShouldHaveSingleItem();
        sentence.ShouldStartWith($"{key} is no setting of this gateway (unknown_setting)");
        sentence.ShouldContain($"the nearest one is {meant}.");
    }

    [Theory]
    [InlineData("Gateway:Refrigerator")]
    [InlineData("Gateway:HomeBroker:Colour")]
    [InlineData("Gateway:CloudUrl:Backup")]
    [InlineData("Gateway:HomeBroker")]
    public void A_setting_that_is_like_no_other_is_refused_without_a_guess(string key)
    {
        var fault = Should.Throw<InvalidConfigurationException>(() =>
            GatewayOptions.Read(Settings(new() { [key] = "1" }, complete: true)));

        fault.Faults.ShouldHaveSingleItem().ShouldBe($"{key} is no setting of this gateway (unknown_setting).");
    }

    [Fact]
    public void Every_misspelt_setting_is_named_at_once_beside_what_is_missing_without_it()
    {
        var fault = Should.Throw<InvalidConfigurationException>(() => GatewayOptions.Read(Settings(
            new() { ["Gateway:CloudUrl"] = null, ["Gateway:ClaudUrl"] = "x", ["Gateway:StatusLid"] = "y" },
            complete: true)));

        fault.Faults.Count(static one => one.Contains("unknown_setting", StringComparison.Ordinal)).ShouldBe(2);
        fault.Message.ShouldContain("Gateway:CloudUrl must be https");
        fault.Message.ShouldContain("Gateway:ClaudUrl is no setting");
        fault.Message.ShouldContain("Gateway:StatusLid is no setting");
    }

    [Fact]
    public void Every_documented_setting_and_what_belongs_to_others_is_taken()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Gateway"] = "192.168.1.1",
            ["Gatewayed:Else"] = "x",
            ["Logging:LogLevel:Default"] = "Debug",
            ["urls"] = "http://127.0.0.1:0",
            ["Gateway:HomeBroker"] = null,
            ["Gateway:DataFolder"] = "/var/lib/x",
            ["Gateway:CloudUrl"] = "https://cloud.example",
            ["Simulation:Start"] = null,
        };
        foreach (var key in Documented())
        {
            _ = settings.TryAdd(key, key.EndsWith(":Port", StringComparison.Ordinal) ? "1883" : null);
        }

        GatewayOptions.Read(Settings(settings, complete: true)).CloudBroker.Port.ShouldBe(1883);
        Documented().Count().ShouldBeGreaterThan(20);
    }

    [Fact]
    public void A_variable_of_the_environment_is_looked_at_like_a_line_of_the_file()
    {
        // With a prefix of its own: the gateways of other tests read this process's environment as well.
        const string Prefix = "GTXTEST_";
        const string Misspelt = Prefix + "Gateway__HomeBroker__Portt";
        try
        {
            Environment.SetEnvironmentVariable(Misspelt, "1883");
            var configuration = new ConfigurationBuilder()
                .AddEnvironmentVariables(Prefix)
                .AddCommandLine(["--Gateway:DataFolder", _folder])
                .Build();

            var fault = Should.Throw<InvalidConfigurationException>(() => GatewayOptions.Read(configuration));

            fault.Message.ShouldContain("Gateway:HomeBroker:Portt is no setting of this gateway (unknown_setting)");
            fault.Message.ShouldContain("Gateway:HomeBroker:Port.");
        }
        finally
        {
            Environment.SetEnvironmentVariable(Misspelt, null);
        }
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

    /// <summary>The settings that docs/OPERATIONS.md names; <c>`A:B`, `C`</c> is A:B and A:C.</summary>
    private static IEnumerable<string> Documented()
    {
        var rows = RepositoryFiles.Read("docs", "OPERATIONS.md").Split('\n')
            .Where(static line => line.StartsWith("| `Gateway:", StringComparison.Ordinal));
        foreach (var row in rows)
        {
            var section = string.Empty;
            var quoted = row.Split('|')[1].Split('`').Where(static (_, i) => i % 2 == 1);
            foreach (var name in quoted)
            {
                var key = name.Contains(':', StringComparison.Ordinal) ? name : $"{section}:{name}";
                section = key[..key.LastIndexOf(':')];
                yield return key;
            }
        }
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
