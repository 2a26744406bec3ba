using System.Text.Json;
using GridTokenX.Firmware.Pairing;
using GridTokenX.Firmware.Signing;
using GridTokenX.Firmware.Uplink;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Firmware.Tests.Pairing;

/// <summary>Both sides against tests/vectors/protocol/pairings.json, which neither of them made.</summary>
public sealed class PairingVectorTests
{
    public static TheoryData<string> Names { get; } = [.. Vectors().Select(vector => Text(vector, "name"))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Cloud_computes_the_vector(string name)
    {
        var vector = Vector(name);

        var pairing = Protocol.Keys.Pairing.Of(
            Convert.FromHexString(Text(vector, "cloud_secret")), Key32.Parse(Text(vector, "device")));

        pairing.CloudKey.ToString().ShouldBe(Text(vector, "cloud_key"));
        pairing.Code.ShouldBe(Text(vector, "code"));
        Convert.ToHexStringLower(pairing.CommandKey).ShouldBe(Text(vector, "command_key"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Device_computes_the_vector(string name)
    {
        var vector = Vector(name);
        var key = new DeviceKey(Convert.FromHexString(Text(vector, "seed")));
        var desk = new PairingDesk(new Firmware.Board.SimulatedFlash(), key, Text(vector, "device"));
        var json = new JsonReader();
        json.Reset(JsonSerializer.SerializeToUtf8Bytes(
            new { device = Text(vector, "device"), cloud_key = Text(vector, "cloud_key") }));

        desk.Press(0).ShouldBeFalse();
        desk.TryTake(json, 1000, out _).ShouldBeTrue();
        desk.Code.ShouldBe(Text(vector, "code"));
        desk.CheckDigit.ShouldBe(vector.GetProperty("check_digit").GetInt32());
        desk.Press(9000).ShouldBeTrue();

        Convert.ToHexStringLower(desk.CommandKey).ShouldBe(Text(vector, "command_key"));
    }

    private static JsonElement Vector(string name) => Vectors().Single(vector => Text(vector, "name") == name);

    private static List<JsonElement> Vectors() =>
        [.. JsonDocument.Parse(Testing.RepositoryFiles.Read("tests/vectors/protocol/pairings.json"))
            .RootElement.EnumerateArray()];

    private static string Text(JsonElement vector, string member) => vector.GetProperty(member).GetString()!;
}
