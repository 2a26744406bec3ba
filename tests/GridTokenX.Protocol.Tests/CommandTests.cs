using System.Text.Json;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Protocol.Tests;

public sealed class CommandTests
{
    public static TheoryData<string> Commands => Vectors.Names("commands");

    public static TheoryData<string> States => Vectors.Names("states");

    [Theory]
    [MemberData(nameof(Commands))]
    public void Command_has_the_vectors_bytes_mac_and_json(string name)
    {
        var row = Vectors.Row("commands", name);
        var command = row.Parse(ProtocolJson.Default.LockCommand);
        var commandKey = row.Hex("command_key");

        command.CanonicalBytes().ShouldBe(row.Hex("canonical"));
        command.HasValidMac(commandKey).ShouldBeTrue();
        (command with { Mac = [] }).Authenticated(commandKey).Mac.ShouldBe(command.Mac);
        JsonElement.DeepEquals(
            JsonSerializer.SerializeToElement(command, ProtocolJson.Default.LockCommand), row.GetProperty("json"))
            .ShouldBeTrue();
    }

    [Fact]
    public void Every_changed_field_breaks_the_mac()
    {
        var row = Vectors.Load("commands")[0];
        var command = row.Parse(ProtocolJson.Default.LockCommand);
        LockCommand[] changed =
        [
            command with { Device = Some.Key(1).PublicKey },
            command with { Counter = 2 },
            command with { Kind = CommandKind.Release },
            command with { Order = Guid.Empty },
            command with { EnergyWh = 1501 },
            command with { Expires = command.Expires + 1 },
            command with { Mac = new byte[32] },
            command with { Mac = [] },
        ];
        changed.ShouldAllBe(c => !c.HasValidMac(row.Hex("command_key")));
        command.HasValidMac(new byte[32]).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(States))]
    public void State_has_the_vectors_bytes_signature_and_json(string name)
    {
        var row = Vectors.Row("states", name);
        var state = row.Parse(ProtocolJson.Default.DeviceState);
        using var key = SigningKey.FromSeed(row.Hex("seed"));

        state.CanonicalBytes().ShouldBe(row.Hex("canonical"));
        state.HasValidSignature().ShouldBeTrue();
        key.Sign(state.CanonicalBytes()).ShouldBe(state.Signature);
        JsonElement.DeepEquals(
            JsonSerializer.SerializeToElement(state, ProtocolJson.Default.DeviceState), row.GetProperty("json"))
            .ShouldBeTrue();
    }

    [Theory]
    [InlineData("\"kind\":\"lock\"", "\"kind\":\"explode\"")]
    [InlineData("\"kind\":\"lock\"", "\"kind\":9")]
    [InlineData("\"counter\":1", "\"counter\":-1e99")]
    public void Command_with_an_unknown_word_is_refused(string good, string bad)
    {
        var json = JsonSerializer.Serialize(
            Vectors.Load("commands")[0].Parse(ProtocolJson.Default.LockCommand), ProtocolJson.Default.LockCommand);
        json.ShouldContain(good);
        _ = Should.Throw<JsonException>(
            () => JsonSerializer.Deserialize(
                json.Replace(good, bad, StringComparison.Ordinal), ProtocolJson.Default.LockCommand));
    }

    [Fact]
    public void Consent_to_registration_has_the_vectors_bytes()
    {
        var row = Vectors.Load("registrations")[0];
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(
            bytes,
            Key32.Parse(row.Text("device")).ToArray(),
            Key32.Parse(row.Text("owner")).ToArray(),
            Key32.Parse(row.Text("gateway")).ToArray());
        var consent = new byte[64];

        bytes.ShouldBe(row.Hex("canonical"));
        Base58.TryDecode(row.Text("consent"), consent, 64).ShouldBeTrue();
        Ed25519.Verify(Key32.Parse(row.Text("device")), bytes, consent).ShouldBeTrue();
    }

    [Theory]
    [InlineData("gtx/v1/abc/reading", "abc")]
    [InlineData("gtx/v1/abc/reading/ack", "abc")]
    [InlineData("gtx/v1/time", null)]
    [InlineData("gtx/v2/abc/reading", null)]
    [InlineData("", null)]
    public void Device_of_a_topic_is_its_third_level(string topic, string? device) =>
        Topics.DeviceOf(topic).ShouldBe(device);
}
