using GridTokenX.Mqtt;
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
        using var authority = new TestAuthority();
        using var foreign = new TestAuthority();
        await using var broker = await MosquittoBroker.StartAsync(
            new MosquittoBrokerOptions(Tls: authority.Certify("127.0.0.1")));
        var options = Client.Options(broker.Port, "trusting") with { TlsAuthorityFile = authority.File };
        await using var trusting = await Client.ConnectAsync(options, "a");
        await using var wary = new Client(options with { ClientId = "wary", TlsAuthorityFile = foreign.File });
        wary.Connection.Start();

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => trusting.PublishAsync("a", new string('x', 50 + i))));

        await Eventually.HoldsAsync(() => trusting.Received.Count == 500);
        await Eventually.HoldsAsync(() => wary.Reports.Any(static report =>
            report.Contains("certificate verify failed", StringComparison.Ordinal)));
        wary.Connection.IsConnected.ShouldBeFalse();
        await Eventually.HoldsAsync(() => wary.Connection.Trouble?.Fault == MqttFault.Untrusted);
        trusting.Connection.Trouble.ShouldBeNull();
    }

    [Fact]
    public async Task Tls_refuses_a_certificate_for_another_name()
    {
        using var authority = new TestAuthority();
        await using var broker = await MosquittoBroker.StartAsync(
            new MosquittoBrokerOptions(Tls: authority.Certify("broker.example")));
        await using var client = new Client(
            Client.Options(broker.Port, "client") with { TlsAuthorityFile = authority.File });
        client.Connection.Start();

        await Eventually.HoldsAsync(() => client.Connection.Trouble?.Fault == MqttFault.Untrusted);

        client.Connection.IsConnected.ShouldBeFalse();
    }

    [Fact]
    public async Task Trouble_says_whether_nobody_is_there_or_we_are_not_let_in()
    {
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoBrokerOptions(Users));
        await using var unknown = new Client(
            Client.Options(broker.Port, "unknown") with { UserName = "nobody", Password = "right" });
        await using var alone = new Client(Client.Options(MosquittoBroker.FreePort(), "alone"));
        await using var right = new Client(
            Client.Options(broker.Port, "right") with { UserName = "device", Password = "right" });
        foreach (var client in new[] { unknown, alone, right })
        {
            client.Connection.Start();
        }

        await Eventually.HoldsAsync(() => unknown.Connection.Trouble?.Fault == MqttFault.Refused);
        await Eventually.HoldsAsync(() => alone.Connection.Trouble?.Fault == MqttFault.Unreachable);
        await right.ConnectedAsync();
        broker.Kill9();
        await Eventually.HoldsAsync(() => right.Connection.Trouble is not null);
        await broker.RestartAsync();
        await right.ConnectedAsync();
        right.Connection.Trouble.ShouldBeNull();
    }

    [Fact]
    public async Task Tls_finds_a_broker_again_that_was_killed_and_one_that_came_late()
    {
        using var authority = new TestAuthority();
        await using var broker = await MosquittoBroker.StartAsync(
            new MosquittoBrokerOptions(Tls: authority.Certify("127.0.0.1")));
        await using var client = await Client.ConnectAsync(
            Client.Options(broker.Port, "client") with { TlsAuthorityFile = authority.File }, "a");

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
}
