using GridTokenX.Protocol.Keys;
using GridTokenX.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GridTokenX.CloudCore.Tests.Deploy;

/// <summary>The settings of the package, read by the program that they are for.</summary>
public sealed class ExampleConfigurationTests : IDisposable
{
    private static readonly string Folder = RepositoryFiles.PathOf("deploy", "cloud-core");

    private readonly string _state = Directory.CreateTempSubdirectory("gtx-state-").FullName;

    public ExampleConfigurationTests() => File.WriteAllText(Password, "secret");

    private string Password => Path.Combine(_state, "broker.password");

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Theory]
    [InlineData("Cloud:OperatorKey")]
    [InlineData("Solana:Programs:Registry")]
    [InlineData("Solana:Programs:EnergyToken")]
    [InlineData("Solana:Programs:Trading")]
    [InlineData("Mqtt:PasswordFile", "no file /var/lib/gridtokenx-cloud-core/broker.password")]
    [InlineData("Accounts:LetterFolder", "no folder /var/lib/gridtokenx-cloud-core/letters")] // the package makes it
    public void What_has_to_be_filled_in_is_asked_for(string left, string? named = null)
    {
        var filled = Filled();
        filled.Remove(left).ShouldBeTrue();
        var example = new ConfigurationBuilder().AddJsonFile(Path.Combine(Folder, "appsettings.json")).Build();
        example[left].ShouldNotBeNull("it stands in the example");

        var fault = Should.Throw<OptionsValidationException>(() => Build(filled));

        fault.Message.ShouldContain(named ?? left);
    }

    [Fact]
    public void A_brokers_local_socket_knows_no_tls()
    {
        var filled = Filled();
        filled["Mqtt:Host"] = "/run/broker/socket";

        Should.Throw<OptionsValidationException>(() => Build(filled)).Message
            .ShouldContain("TlsAuthorityFile does not go with a local socket");
    }

    [Fact]
    public async Task Nothing_else_is_missing_and_nothing_is_unknown()
    {
        await using var core = Build(Filled());

        core.Configuration["Cloud:Database"].ShouldBe(
            "Host=/var/run/postgresql;Database=gridtokenx;Username=gridtokenx-cloud-core");
    }

    private static Microsoft.AspNetCore.Builder.WebApplication Build(Dictionary<string, string> filled) =>
        CloudCoreHost.Build(
            [$"--contentRoot={Folder}", .. filled.Select(static setting => $"--{setting.Key}={setting.Value}")],
            TimeProvider.System);

    private Dictionary<string, string> Filled()
    {
        using var key = SigningKey.Generate();
        var name = key.PublicKey.ToString();
        return new()
        {
            ["Cloud:OperatorKey"] = name,
            ["Solana:Programs:Registry"] = name,
            ["Solana:Programs:EnergyToken"] = name,
            ["Solana:Programs:Trading"] = name,
            ["Mqtt:PasswordFile"] = Password,
            ["Accounts:LetterFolder"] = _state,
        };
    }
}
