using System.CommandLine;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Live;
using GridTokenX.Simulator.Simulate;

namespace GridTokenX.Simulator.Tests.Live;

public sealed class BrokerOptionTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-options-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_broker_there_is_none_and_nothing_that_belongs_to_one()
    {
        Read(null).ShouldBeNull();
        Should.Throw<FormatException>(() => Read(null, "--broker-user", "me")).Message
            .ShouldBe("--broker-user needs --broker.");
    }

    [Theory]
    [InlineData("broker")]
    [InlineData("broker:0")]
    [InlineData("broker:65536")]
    [InlineData(":1883")]
    public void A_broker_is_a_host_and_a_port(string address) =>
        Should.Throw<FormatException>(() => Read(null, "--broker", address)).Message.ShouldContain("HOST:PORT");

    [Fact]
    public void A_password_comes_from_its_file_or_from_the_environment()
    {
        var file = Secret("one", "from the file\n");

        Read("environment", "--broker", "b:1", "--broker-user", "me")!.User
            .ShouldBe(new BrokerUser("me", "environment"));
        Read("environment", "--broker", "b:1", "--broker-user", "me", "--broker-password-file", file)!.User
            .ShouldBe(new BrokerUser("me", "from the file"));
        Should.Throw<FormatException>(() => Read(null, "--broker", "b:1", "--broker-user", "me")).Message
            .ShouldContain("GRIDTOKENX_BROKER_PASSWORD");
    }

    [Fact]
    public void Passwords_that_others_may_read_are_not_used()
    {
        var file = Secret("two", "secret");
        File.SetUnixFileMode(file, OwnerOnly | UnixFileMode.GroupRead);

        foreach (var option in new[] { "--broker-password-file", "--broker-devices" })
        {
            string[] user = option == "--broker-devices" ? [] : ["--broker-user", "me"];
            Should.Throw<UnauthorizedAccessException>(() => Read(null, ["--broker", "b:1", option, file, .. user]))
                .Message.ShouldContain("600");
        }
    }

    [Fact]
    public void Devices_have_the_users_that_the_gateways_command_prints()
    {
        using var key = SigningKey.Generate();
        using var other = SigningKey.Generate();
        var file = Secret("three", $"user {key.PublicKey} password old\n\nuser {key.PublicKey} password new\n");

        var devices = Read(null, "--broker", "b:1", "--broker-devices", file)!.Devices!;

        devices.UserOf(key.PublicKey).ShouldBe(new BrokerUser(key.PublicKey.ToString(), "new"));
        Should.Throw<FormatException>(() => devices.UserOf(other.PublicKey)).Message
            .ShouldContain($"gtx-gateway device add {other.PublicKey}");
    }

    [Fact]
    public void A_line_that_is_none_is_named_without_what_stands_in_it()
    {
        var file = Secret("four", "user me password hidden\n");

        var message = Should.Throw<FormatException>(() => BrokerPasswords.Read(file)).Message;

        message.ShouldContain("line 1");
        message.ShouldNotContain("hidden");
    }

    private static LiveBroker? Read(string? environment, params string[] arguments)
    {
        var options = new LiveBrokerOptions(environment);
        var command = new RootCommand();
        foreach (var option in options.All)
        {
            command.Add(option);
        }

        return options.Read(command.Parse(arguments));
    }

    private string Secret(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, OwnerOnly);
        return file;
    }
}
