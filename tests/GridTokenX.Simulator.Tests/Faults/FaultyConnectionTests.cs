using System.Text;
using System.Text.Json;
using GridTokenX.Community.Scenarios;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;
using GridTokenX.Simulator.Faults;

namespace GridTokenX.Simulator.Tests.Faults;

public sealed class FaultyConnectionTests : IDisposable
{
    private readonly SigningKey _meter = SigningKey.FromSeed(new byte[32]);
    private readonly Key32 _neighbour = new(SeededRandom.For(1, "neighbour").Bytes(Key32.Length));
    private readonly RecordingConnection _broker = new();
    private readonly FaultyNetwork _network;
    private readonly FaultyConnection _connection;

    public FaultyConnectionTests()
    {
        var forgery = new Forgery(SigningKey.FromSeed(SeededRandom.For(1, "forger").Bytes(Ed25519.SeedLength)))
        {
            Neighbour = () => _neighbour,
        };
        _network = new FaultyNetwork(SeededRandom.For(1, "wire"), forgery, static (_, _) => { });
        _connection = new FaultyConnection(_broker, _network);
        _connection.Start();
    }

    public void Dispose()
    {
        _network.Forgery.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task Sound_wire_brings_every_message_once_and_as_it_is()
    {
        await SendAsync(1);
        await SendAsync(2);

        _broker.Sent.Select(static sent => Sequence(sent.Payload)).ShouldBe([1, 2]);
        Reading(_broker.Sent[0].Payload).HasValidSignature().ShouldBeTrue();
    }

    [Fact]
    public async Task Lossy_wire_loses_its_share_of_readings_and_of_acknowledgements()
    {
        _network.Become(Wire.Sound with { Drop = 0.25 });
        var acknowledged = 0;
        _connection.MessageReceived += _ => acknowledged++;
        for (var i = 1; i <= 1_000; i++)
        {
            await SendAsync(i);
            Acknowledge(i);
        }

        _broker.Sent.Count.ShouldBeInRange(700, 800);
        acknowledged.ShouldBeInRange(700, 800);
    }

    [Fact]
    public async Task Wire_is_quiet_when_what_it_let_through_is_answered()
    {
        _network.Become(Wire.Sound with { Drop = 1 });
        await SendAsync(1);
        _connection.IsQuiet.ShouldBeTrue("it was lost");

        _network.Become(Wire.Sound with { Duplicate = 1 });
        await SendAsync(1);
        _connection.IsQuiet.ShouldBeFalse();
        _network.Become(Wire.Sound with { Drop = 1 });
        Acknowledge(1);
        _connection.IsQuiet.ShouldBeTrue("the answer was lost");

        _network.Become(Wire.Sound with { Delay = 1 });
        await SendAsync(2);
        _connection.IsQuiet.ShouldBeFalse("it is only late");
        bool? before = null;
        _connection.MessageReceived += _ => before = _connection.IsQuiet;
        _network.Become(Wire.Sound);
        Acknowledge(2);
        (before, _connection.IsQuiet).ShouldBe((false, true));

        _network.Become(Wire.Sound with { Cheat = CheatKind.Registers, Factor = 5 });
        await SendAsync(3);
        _connection.IsQuiet.ShouldBeTrue("nobody answers a forgery");

        _network.Become(Wire.Sound);
        await SendAsync(3);
        _network.Become(Wire.Sound with { Drop = 1 });
        await SendAsync(3);
        _connection.IsQuiet.ShouldBeTrue("the meter has given up what it sends anew");
    }

    [Fact]
    public async Task Commands_and_states_are_never_lost()
    {
        _network.Become(Wire.Sound with { Drop = 0.9 });
        var commands = 0;
        _connection.MessageReceived += _ => commands++;
        for (var i = 0; i < 50; i++)
        {
            await _connection.PublishAsync(
                Topics.State(Name), Encoding.ASCII.GetBytes("{}"), MqttQos.AtLeastOnce, false, default);
            _broker.Bring(Topics.Command(Name));
        }

        _broker.Sent.Count.ShouldBe(50);
        commands.ShouldBe(50);
    }

    [Fact]
    public async Task Message_can_come_twice()
    {
        _network.Become(Wire.Sound with { Duplicate = 1 });
        await SendAsync(1);

        _broker.Sent.Select(static sent => Sequence(sent.Payload)).ShouldBe([1, 1]);
    }

    [Fact]
    public async Task Late_message_comes_after_a_younger_one()
    {
        _network.Become(Wire.Sound with { Delay = 1 });
        await SendAsync(1);
        _broker.Sent.ShouldBeEmpty();
        _network.Become(Wire.Sound);
        await SendAsync(2);

        _broker.Sent.Select(static sent => Sequence(sent.Payload)).ShouldBe([2, 1]);
    }

    [Fact]
    public async Task Late_message_that_nothing_follows_comes_when_it_is_let()
    {
        _network.Become(Wire.Sound with { Delay = 1 });
        await SendAsync(1);
        _connection.BringLate();
        _connection.BringLate();

        _broker.Sent.Select(static sent => Sequence(sent.Payload)).ShouldBe([1]);
    }

    [Fact]
    public async Task Broken_wire_brings_nothing_either_way()
    {
        var received = 0;
        bool? isConnected = null;
        _connection.MessageReceived += _ => received++;
        _connection.ConnectionChanged += now => isConnected = now;
        _connection.Break();
        _broker.Bring(Topics.Command(Name));

        _ = await Should.ThrowAsync<MqttException>(() => SendAsync(1));
        (_connection.IsConnected, isConnected, received, _broker.Sent.Count).ShouldBe((false, false, 0, 0));
    }

    [Fact]
    public async Task Altered_registers_keep_a_signature_that_does_not_hold()
    {
        var forged = await ForgedAsync(CheatKind.Registers);
        (forged.Device, forged.Sequence).ShouldBe((_meter.PublicKey, 2));
        forged.ProductionWh.ShouldBeGreaterThan(5 * 1_000);
        forged.HasValidSignature().ShouldBeFalse();
    }

    [Fact]
    public async Task Foreign_key_signs_well_and_in_its_own_name()
    {
        var forged = await ForgedAsync(CheatKind.ForeignKey);
        forged.Device.ShouldNotBe(_meter.PublicKey);
        forged.HasValidSignature().ShouldBeTrue();
        _broker.Sent[^1].Topic.ShouldBe(Topics.Reading(forged.Device.ToString()));
    }

    [Fact]
    public async Task Replay_is_the_first_reading_once_more()
    {
        (await ForgedAsync(CheatKind.Replay)).Sequence.ShouldBe(1);
        _broker.Sent[1].Payload.ShouldBe(_broker.Sent[0].Payload);
    }

    [Fact]
    public async Task Impostor_speaks_on_a_neighbours_topic_without_his_key()
    {
        var forged = await ForgedAsync(CheatKind.Impersonation);
        forged.Device.ShouldBe(_neighbour);
        forged.HasValidSignature().ShouldBeFalse();
        _broker.Sent[^1].Topic.ShouldBe(Topics.Reading(_neighbour.ToString()));
    }

    private string Name => _meter.PublicKey.ToString();

    /// <summary>What comes of the second reading; the first one was sent before the cheat began.</summary>
    private async Task<SignedReading> ForgedAsync(CheatKind cheat)
    {
        await SendAsync(1);
        _network.Become(Wire.Sound with { Cheat = cheat, Factor = 5 });
        await SendAsync(2);
        _broker.Sent.Count.ShouldBe(2);
        return Reading(_broker.Sent[^1].Payload);
    }

    private Task SendAsync(long sequence)
    {
        var reading = new SignedReading
        {
            Device = _meter.PublicKey,
            Sequence = sequence,
            Timestamp = DateTimeOffset.UnixEpoch.AddHours(sequence),
            ProductionWh = 1_000,
            ConsumptionWh = 500,
            SocPermille = ReadingBytes.NoBattery,
            Flags = 0,
            IntervalSeconds = 900,
            Signature = [],
        };
        var signed = reading with { Signature = _meter.Sign(reading.CanonicalBytes()) };
        return _connection.PublishAsync(
            Topics.Reading(Name),
            JsonSerializer.SerializeToUtf8Bytes(signed, ProtocolJson.Default.SignedReading),
            MqttQos.AtLeastOnce,
            retain: false,
            CancellationToken.None);
    }

    private void Acknowledge(long sequence) =>
        _broker.Bring(Topics.ReadingAck(Name), $"{{\"sequence\":{sequence}}}");

    private static SignedReading Reading(byte[] payload) =>
        JsonSerializer.Deserialize(payload, ProtocolJson.Default.SignedReading)!;

    private static long Sequence(byte[] payload) => Reading(payload).Sequence;
}
