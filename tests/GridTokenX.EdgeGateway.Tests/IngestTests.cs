using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Ingest;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

public sealed class IngestTests : IAsyncLifetime
{
    private World _world = null!;

    public async Task InitializeAsync() => _world = await World.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_reading_is_in_the_database_when_it_is_acknowledged()
    {
        var stored = -1L;
        _world.Fleet.Acknowledging += acknowledged =>
            stored = _world.Count($"reading where sequence = {acknowledged.Sequence}");
        var reading = Some.Reading(_world.Device, 1);

        await _world.Fleet.SendAsync(reading);

        await Eventually.HoldsAsync(() => _world.Fleet.IsAcknowledged(reading));
        stored.ShouldBe(1);
        await Eventually.HoldsAsync(() => _world.Cloud.Accepted.Count == 1);
        _world.Cloud.Accepted.Single().ShouldBeEquivalentTo(reading);
        _world.Cloud.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_reading_again_is_acknowledged_again_and_stored_once()
    {
        var reading = Some.Reading(_world.Device, 1);

        await _world.Fleet.SendAllAsync([reading, reading]);
        await Eventually.HoldsAsync(() => _world.Fleet.AcknowledgementsOf(reading) == 2);
        await _world.NothingIsLeftAsync();
        await _world.Fleet.SendAsync(reading);
        await Eventually.HoldsAsync(() => _world.Fleet.AcknowledgementsOf(reading) == 3);

        _world.Count("reading").ShouldBe(1);
        _world.Cloud.Accepted.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Another_reading_with_a_used_sequence_is_refused()
    {
        var first = Some.Reading(_world.Device, 1);
        await _world.Fleet.SendAsync(first);
        await Eventually.HoldsAsync(() => _world.Fleet.IsAcknowledged(first));

        await _world.Fleet.SendAsync(Some.Reading(_world.Device, 1, productionWh: 99_000));

        await Eventually.HoldsAsync(() => _world.Refusals.Count(ProblemCodes.SequenceReused) == 1);
        _world.Fleet.AcknowledgementsOf(first).ShouldBe(1);
        _world.Count("reading").ShouldBe(1);
    }

    [Theory]
    [InlineData("", ProblemCodes.MalformedReading)]
    [InlineData("null", ProblemCodes.MalformedReading)]
    [InlineData("[]", ProblemCodes.MalformedReading)]
    [InlineData("{", ProblemCodes.MalformedReading)]
    [InlineData("{}", ProblemCodes.MalformedReading)]
    [InlineData("\u0000\u0001\u0002", ProblemCodes.MalformedReading)]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", ProblemCodes.MalformedReading)]
    public async Task What_is_no_reading_is_refused(string payload, string code) =>
        await IsRefusedAsync(Topics.Reading(_world.DeviceName), Encoding.UTF8.GetBytes(payload), code);

    [Theory]
    [InlineData("\"sequence\":5", "\"sequence\":\"5\"")]
    [InlineData("\"sequence\":5", "\"sequence\":5.5")]
    [InlineData("\"sequence\":5", "\"sequence\":-5")]
    [InlineData("\"sequence\":5", "\"sequence\":99999999999999999999")]
    [InlineData("\"sequence\":5", "\"sequence\":null")]
    [InlineData("\"sequence\":5,", "")]
    [InlineData("\"sequence\":5", "\"sequence\":5,\"sequence\":6")]
    [InlineData("\"consumption_wh\":500", "\"consumption_wh\":-500")]
    [InlineData("\"interval_s\":900", "\"interval_s\":0")]
    [InlineData("\"flags\":0", "\"flags\":16")]
    [InlineData("\"signature\":\"", "\"signature\":\"1")]
    [InlineData("\"device\":\"", "\"device\":\"\\ud800")]
    [InlineData(":00Z\"", ":00.5Z\"")]
    public async Task A_field_of_the_wrong_kind_is_refused(string part, string instead)
    {
        var json = Encoding.UTF8.GetString(Some.Json(Some.Reading(_world.Device, 5)));
        json.ShouldContain(part);

        var changed = Encoding.UTF8.GetBytes(json.Replace(part, instead, StringComparison.Ordinal));

        await IsRefusedAsync(Topics.Reading(_world.DeviceName), changed, ProblemCodes.MalformedReading);
    }

    [Fact]
    public async Task A_changed_value_breaks_the_signature()
    {
        var reading = Some.Reading(_world.Device, 5) with { ProductionWh = 1_000_000 };

        await IsRefusedAsync(Topics.Reading(_world.DeviceName), Some.Json(reading), ProblemCodes.BadSignature);
    }

    [Fact]
    public async Task A_device_cannot_speak_on_the_topic_of_another_one()
    {
        using var other = SigningKey.Generate();
        _world.Register(other);
        await _world.StopGatewayAsync();
        await _world.StartGatewayAsync();

        var topic = Topics.Reading(_world.DeviceName);

        await IsRefusedAsync(topic, Some.Json(Some.Reading(other, 1)), Refusals.TopicMismatch);
    }

    [Fact]
    public async Task A_huge_payload_is_refused() =>
        await IsRefusedAsync(Topics.Reading(_world.DeviceName), new byte[900_000], ProblemCodes.RequestTooLarge);

    [Fact]
    public async Task An_unregistered_device_is_refused_after_the_cloud_was_asked()
    {
        using var stranger = SigningKey.Generate();
        var asked = _world.Cloud.DeviceRequests;

        await IsRefusedAsync(
            Topics.Reading(stranger.PublicKey.ToString()),
            Some.Json(Some.Reading(stranger, 1)),
            ProblemCodes.UnknownDevice);

        _world.Cloud.DeviceRequests.ShouldBeGreaterThan(asked);
    }

    [Fact]
    public async Task A_device_paired_a_moment_ago_need_not_repeat_itself()
    {
        using var newcomer = SigningKey.Generate();
        _world.Register(newcomer);
        var reading = Some.Reading(newcomer, 1);

        await _world.Fleet.SendAsync(reading);

        await Eventually.HoldsAsync(() => _world.Fleet.IsAcknowledged(reading));
    }

    [Fact]
    public async Task Nothing_is_acknowledged_that_the_database_did_not_take()
    {
        var reading = Some.Reading(_world.Device, 1);
        _world.Execute("create trigger broken before insert on reading begin select raise(abort, 'broken disk'); end");

        await _world.Fleet.SendAsync(reading);
        await Eventually.HoldsAsync(() => _world.Refusals.Count(Refusals.DatabaseFault) == 1);
        _world.Fleet.IsAcknowledged(reading).ShouldBeFalse();
        (await _world.StatusAsync()).Alarm.ShouldNotBeNull().ShouldContain("broken disk");

        _world.Execute("drop trigger broken");
        await _world.Fleet.SendUntilAcknowledgedAsync([reading]);
        (await _world.StatusAsync()).Alarm.ShouldBeNull();
    }

    [Fact]
    public async Task After_one_that_could_not_be_stored_a_device_is_taken_up_again_where_it_stopped()
    {
        var readings = Enumerable.Range(1, 4).Select(i => Some.Reading(_world.Device, i)).ToList();
        await _world.Fleet.SendUntilAcknowledgedAsync([readings[0]]);
        _world.Execute(
            """
            create trigger broken before insert on reading when new.sequence = 2
            begin select raise(abort, 'no'); end
            """);
        await _world.Fleet.SendAsync(readings[1]);
        await Eventually.HoldsAsync(() => _world.Refusals.Count(Refusals.DatabaseFault) == 1);

        await _world.Fleet.SendAsync(readings[2]);
        await Eventually.HoldsAsync(() => _world.Refusals.Count(Refusals.OlderIsOwed) == 1);
        _world.Execute("drop trigger broken");
        await _world.Fleet.SendUntilAcknowledgedAsync(readings);

        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Select(static reading => reading.Sequence).ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public async Task A_full_inbox_drops_the_newest_and_takes_them_when_they_are_repeated()
    {
        const int Count = ReadingIngest.InboxCapacity + 2000;
        var garbage = new byte[16];
        var topic = Topics.Reading(_world.DeviceName);
        for (var sent = 0; sent < Count; sent += 1000)
        {
            await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => _world.Fleet.SendAsync(topic, garbage)));
        }

        await _world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(_world.Device, 1)]);

        var handled = _world.Refusals.Count(ProblemCodes.MalformedReading) + _world.Refusals.Count(Refusals.InboxFull);
        handled.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Random_bytes_are_never_a_reading() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            var message = new Mqtt.MqttMessage(Topics.Reading(_world.DeviceName), bytes, Retained: false);
            return ReadingCheck.Refuse(message, _world.Directory, out _) is not null;
        }).QuickCheckThrowOnFailure();

    private async Task IsRefusedAsync(string topic, byte[] payload, string code)
    {
        await _world.Fleet.SendAsync(topic, payload);
        await Eventually.HoldsAsync(() => _world.Refusals.Count(code) == 1);

        // The next good one is taken, and is the only one stored.
        var good = Some.Reading(_world.Device, 1);
        await _world.Fleet.SendAsync(good);
        await Eventually.HoldsAsync(() => _world.Fleet.IsAcknowledged(good));
        _world.Count("reading").ShouldBe(1);
        _world.Fleet.Acknowledged.Count.ShouldBe(1);
    }
}
