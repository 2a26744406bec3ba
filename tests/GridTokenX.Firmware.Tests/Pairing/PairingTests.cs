using System.Security.Cryptography;
using System.Text.Json;
using GridTokenX.Firmware.Panel;
using GridTokenX.Firmware.Tests.Board;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Tests.Pairing;

public sealed class PairingTests
{
    [Fact]
    public void Two_presses_with_the_code_between_pair_the_device()
    {
        using var bench = new Bench();
        bench.Step();
        bench.Press();
        bench.Board.Light.ShouldBe(LightPattern.Waiting);

        bench.Offer(bench.Cloud.CloudKey);
        bench.Board.PairingCode.ShouldBe(bench.Cloud.Code);
        bench.Serial.ShouldContain(bench.Cloud.Code);
        bench.Pass(TimeSpan.FromSeconds(10));
        bench.Board.IsPaired.ShouldBeFalse();
        bench.Press();

        bench.Board.IsPaired.ShouldBeTrue();
        bench.Lock(Guid.NewGuid(), 100).Cause.ShouldBe(StateCause.LockAccepted);
        bench.Board.IsRelayLocked.ShouldBeTrue();
    }

    [Fact]
    public void Offer_that_came_before_is_shown_at_the_press()
    {
        using var bench = new Bench();
        bench.Step();
        bench.Offer(bench.Cloud.CloudKey);
        bench.Board.PairingCode.ShouldBeNull();

        bench.Press();

        bench.Board.PairingCode.ShouldBe(bench.Cloud.Code);
    }

    [Fact]
    public void Gateway_that_puts_its_own_key_in_between_shows_another_code()
    {
        using var bench = new Bench();
        bench.Step();
        bench.Press();

        bench.Offer(Protocol.Keys.Pairing.Of(RandomNumberGenerator.GetBytes(32), new Key32(bench.Device.PublicKey))
            .CloudKey);

        bench.Board.PairingCode.ShouldNotBeNull().ShouldNotBe(bench.Cloud.Code);
    }

    [Fact]
    public void Key_cannot_be_exchanged_while_its_code_is_shown()
    {
        using var bench = new Bench();
        bench.Step();
        bench.Press();
        bench.Offer(bench.Cloud.CloudKey);
        bench.Offer(Protocol.Keys.Pairing.Of(RandomNumberGenerator.GetBytes(32), new Key32(bench.Device.PublicKey))
            .CloudKey);
        bench.Pass(TimeSpan.FromSeconds(10));
        bench.Press();

        bench.Lock(Guid.NewGuid(), 100).Cause.ShouldBe(StateCause.LockAccepted);
    }

    [Fact]
    public void Second_press_at_once_is_a_bounce()
    {
        using var bench = new Bench();
        bench.Step();
        bench.Offer(bench.Cloud.CloudKey);
        bench.Press();
        bench.Press();

        bench.Board.IsPaired.ShouldBeFalse();
    }

    [Fact]
    public void Code_is_taken_down_after_ten_minutes()
    {
        using var bench = new Bench();
        bench.Step();
        bench.Offer(bench.Cloud.CloudKey);
        bench.Press();
        bench.Pass(TimeSpan.FromMinutes(11));

        bench.Board.PairingCode.ShouldBeNull();
        bench.Press();
        bench.Board.IsPaired.ShouldBeFalse();
    }

    [Fact]
    public void Small_order_key_pairs_nothing()
    {
        using var bench = new Bench();
        bench.Step();
        bench.Press();
        bench.Offer(default);
        bench.Pass(TimeSpan.FromSeconds(10));
        bench.Press();

        bench.Board.IsPaired.ShouldBeFalse();
    }

    [Fact]
    public void Consent_is_signed_only_while_somebody_is_at_the_device()
    {
        using var bench = new Bench();
        bench.Step();
        using var owner = SigningKey.Generate();
        using var gateway = SigningKey.Generate();
        var request = JsonSerializer.Serialize(new
        {
            device = bench.Device.Id,
            owner = owner.PublicKey.ToString(),
            gateway = gateway.PublicKey.ToString(),
        });
        bench.Gateway.Send($"gtx/v1/{bench.Device.Id}/pairing", request);
        bench.Step();
        bench.Gateway.Others.ShouldNotContain(
            said => said.Topic.EndsWith("/consent", StringComparison.Ordinal));

        bench.Press();
        bench.Gateway.Send($"gtx/v1/{bench.Device.Id}/pairing", request);
        bench.Step();

        var consent = JsonDocument.Parse(
            bench.Gateway.Others.Single(said => said.Topic.EndsWith("/consent", StringComparison.Ordinal)).Json);
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(
            bytes, bench.Device.PublicKey, owner.PublicKey.ToArray(), gateway.PublicKey.ToArray());
        var signature = new byte[64];
        Base58.TryDecode(consent.RootElement.GetProperty("consent").GetString(), signature, 64).ShouldBeTrue();
        Ed25519.Verify(new Key32(bench.Device.PublicKey), bytes, signature).ShouldBeTrue();
    }

    [Fact]
    public void Pairing_again_replaces_the_key_and_the_old_one_opens_nothing()
    {
        using var bench = new Bench();
        bench.Pair();
        var old = bench.Cloud.CommandKey;
        var next = Protocol.Keys.Pairing.Of(RandomNumberGenerator.GetBytes(32), new Key32(bench.Device.PublicKey));
        bench.Press();
        bench.Offer(next.CloudKey);
        bench.Pass(TimeSpan.FromSeconds(10));
        bench.Press();
        bench.Board.Reboot();
        bench.Pass(TimeSpan.FromSeconds(10));

        var said = bench.Gateway.States.Count;
        Should.NotThrow(() => bench.Do(bench.Command(CommandKind.Lock, Guid.NewGuid(), 100, key: old)));
        bench.Gateway.States.Count.ShouldBe(said);
        bench.Do(bench.Command(CommandKind.Lock, Guid.NewGuid(), 100, key: next.CommandKey)).Cause
            .ShouldBe(StateCause.LockAccepted);
    }

    [Theory]
    [InlineData("""{"device":"x","cloud_key":"11111111111111111111111111111111"}""")]
    [InlineData("""{"cloud_key":"11111111111111111111111111111111"}""")]
    [InlineData("""{"device":"DEVICE","cloud_key":"short"}""")]
    [InlineData("""{"device":"DEVICE","device":"DEVICE","cloud_key":"11111111111111111111111111111111"}""")]
    [InlineData("""{"device":"DEVICE"}""")]
    [InlineData("[]")]
    public void Message_that_is_not_understood_changes_nothing(string json)
    {
        using var bench = new Bench();
        bench.Step();
        bench.Press();
        bench.Gateway.Send($"gtx/v1/{bench.Device.Id}/pairing", json.Replace("DEVICE", bench.Device.Id));
        bench.Step();

        bench.Board.PairingCode.ShouldBeNull();
        bench.Serial.ShouldContain("not understood");
    }
}
