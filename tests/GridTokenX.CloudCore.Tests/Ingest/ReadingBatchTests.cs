using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.CloudCore.Tests.Ingest;

public sealed class ReadingBatchTests(CloudFixture fixture) : IClassFixture<CloudFixture>, IAsyncLifetime
{
    private readonly CloudHost _host = fixture.Host;
    private VirtualHome _home = null!;

    public async Task InitializeAsync()
    {
        // Readings of a whole day from noon on lie in the past.
        _ = await _host.AdvanceAsync(CloudHost.Noon.AddDays(1));
        _home = await VirtualHome.RegisteredAsync(_host);
    }

    public Task DisposeAsync()
    {
        _home.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_batch_is_stored_and_moves_the_meter_on()
    {
        var results = await SendAsync(_home.Readings(20));

        results.ShouldAllBe(static r => r.Status == ReadingResult.Accepted && r.Code == null);
        results.Select(static r => r.Sequence).ShouldBe(Enumerable.Range(1, 20).Select(static n => (long?)n));
        var meter = await MeterAsync();
        meter.LastSequence.ShouldBe(20);
        meter.LastReadingAt.ShouldBe(CloudHost.Noon + (19 * VirtualHome.Interval));
        meter.ProductionKwh.ShouldBe(20m);
        (await StoredAsync()).ShouldBe(20);
    }

    [Fact]
    public async Task The_same_batch_again_is_all_duplicates()
    {
        var readings = _home.Readings(5);
        _ = await SendAsync(readings);
        var again = await SendAsync(readings);
        again.ShouldAllBe(static r => r.Status == ReadingResult.Duplicate && r.Code == null);
        (await StoredAsync()).ShouldBe(5);
    }

    [Fact]
    public async Task A_replay_stays_a_duplicate_when_it_has_become_too_old()
    {
        await using var host = await CloudHost.StartAsync();
        using var home = await VirtualHome.RegisteredAsync(host);
        var reading = home.Reading(1);
        _ = await SendAsync([reading], home, host);
        _ = await host.AdvanceAsync(CloudHost.Noon.AddDays(30));

        var results = await SendAsync([reading, home.Reading(2)], home, host);

        results.Select(static r => r.Code ?? r.Status).ShouldBe([ReadingResult.Duplicate, ProblemCodes.TooOld]);
    }

    [Fact]
    public async Task Identical_batches_at_the_same_time_are_stored_once()
    {
        var readings = _home.Readings(50);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(readings)));

        for (var index = 0; index < readings.Count; index++)
        {
            var statuses = answers.Select(answer => answer[index].Status).ToList();
            statuses.Count(static s => s == ReadingResult.Accepted).ShouldBe(1);
            statuses.Count(static s => s == ReadingResult.Duplicate).ShouldBe(7);
        }

        (await StoredAsync()).ShouldBe(50);
        (await MeterAsync()).ProductionKwh.ShouldBe(50m);
    }

    [Fact]
    public async Task A_batch_in_any_order_is_taken_in_the_order_of_its_sequence_numbers()
    {
        var results = await SendAsync([.. _home.Readings(10).Reverse()]);
        results.ShouldAllBe(static r => r.Status == ReadingResult.Accepted);
        results[0].Sequence.ShouldBe(10);
    }

    [Fact]
    public async Task A_reading_twice_in_a_batch_is_accepted_once()
    {
        var reading = _home.Reading(1);
        var results = await SendAsync([reading, reading]);
        results.Select(static r => r.Status).ShouldBe([ReadingResult.Accepted, ReadingResult.Duplicate]);
    }

    [Fact]
    public async Task Other_content_under_a_used_sequence_number_is_refused()
    {
        _ = await SendAsync([_home.Reading(1), _home.Reading(2)]);
        var results = await SendAsync([
            _home.Reading(2, production: 2_001), _home.Reading(1, at: CloudHost.Noon.AddHours(9)), _home.Reading(3)]);
        results.Select(static r => r.Code).ShouldBe([ProblemCodes.SequenceReused, ProblemCodes.SequenceReused, null]);
        (await MeterAsync()).ProductionKwh.ShouldBe(3m);
    }

    [Fact]
    public async Task A_stored_signature_under_other_content_does_not_pass_as_a_duplicate()
    {
        var reading = _home.Reading(1);
        _ = await SendAsync([reading]);
        var results = await SendAsync([reading with { ProductionWh = 999 }]);
        results[0].Code.ShouldBe(ProblemCodes.BadSignature);
    }

    [Fact]
    public async Task One_bad_reading_spoils_no_other()
    {
        using var thief = SigningKey.Generate();
        using var stranger = new VirtualHome();
        using var neighbour = await VirtualHome.RegisteredAsync(_host);
        var results = await SendAsync([
            _home.Reading(1),
            _home.Reading(2, signer: thief),
            _home.Reading(3) with { Signature = new byte[64] },
            stranger.Reading(1),
            neighbour.Reading(1),
            _home.Reading(4, flags: 1),
            _home.Reading(5, at: CloudHost.Noon.AddDays(-7)),
            _home.Reading(6, at: CloudHost.Noon.AddDays(2)),
            _home.Reading(7, production: 999),
            _home.Reading(8, at: CloudHost.Noon.AddSeconds(299)),
            _home.Reading(9, production: 10_000_000),
            _home.Reading(10)]);

        results.Select(static r => r.Code).ShouldBe([
            null,
            ProblemCodes.BadSignature,
            ProblemCodes.BadSignature,
            ProblemCodes.UnknownDevice,
            ProblemCodes.UnknownDevice,
            ProblemCodes.TimeNotSynchronised,
            ProblemCodes.TooOld,
            ProblemCodes.InFuture,
            ProblemCodes.RegisterRegression,
            ProblemCodes.RateLimited,
            ProblemCodes.EnergyOutOfRange,
            null]);
        (await StoredAsync()).ShouldBe(2);
        (await MeterAsync()).ProductionKwh.ShouldBe(10m);
    }

    [Fact]
    public async Task Refusals_are_counted_by_their_code()
    {
        using var stranger = new VirtualHome();
        var before = await CountedAsync(ProblemCodes.UnknownDevice);
        _ = await SendAsync([stranger.Reading(1), stranger.Reading(2), _home.Reading(1)]);
        (await CountedAsync(ProblemCodes.UnknownDevice)).ShouldBe(before + 2);
    }

    [Theory]
    [InlineData("""nonsense""", false)]
    [InlineData("""null""", false)]
    [InlineData("""17""", false)]
    [InlineData("""{"device":17}""", false)]
    [InlineData("""{"device":"D","sequence":7}""", true)]
    [InlineData("""{"device":"D","sequence":7,"timestamp":"yesterday"}""", true)]
    [InlineData("""{"device":"\ud800","sequence":7}""", false)]
    [InlineData("""{"\ud800\ud800":1}""", false)]
    public async Task A_line_that_cannot_be_read_is_rejected_in_its_place(string line, bool named)
    {
        var text = Lines([_home.Reading(1)])
            + "\n" + line.Replace("\"D\"", $"\"{_home.Device}\"", StringComparison.Ordinal)
            + "\r\n\n" + Lines([_home.Reading(2)]);
        var results = await SendBytesAsync(Encoding.UTF8.GetBytes(text));

        results.Select(static r => r.Code).ShouldBe([null, ProblemCodes.MalformedReading, null]);
        results[1].Device.ShouldBe(named ? _home.Device.PublicKey : null);
    }

    [Theory]
    [InlineData("sequence", "0")]
    [InlineData("sequence", "-1")]
    [InlineData("sequence", "1.5")]
    [InlineData("sequence", "99999999999999999999")]
    [InlineData("sequence", "\"1\"")]
    [InlineData("production_wh", "-1")]
    [InlineData("production_wh", "1e30")]
    [InlineData("consumption_wh", "null")]
    [InlineData("consumption_wh", "-9223372036854775808")]
    [InlineData("soc_permille", "1001")]
    [InlineData("soc_permille", "65536")]
    [InlineData("flags", "16")]
    [InlineData("interval_s", "0")]
    [InlineData("interval_s", "86401")]
    [InlineData("interval_s", "4294967296")]
    [InlineData("timestamp", "\"1969-12-31T23:59:59Z\"")]
    [InlineData("timestamp", "\"2026-06-01T12:00:00.5Z\"")]
    [InlineData("timestamp", "1780000000")]
    [InlineData("signature", "\"1111\"")]
    [InlineData("device", "\"1111\"")]
    public async Task A_field_out_of_its_range_makes_a_malformed_reading(string field, string value)
    {
        var json = JsonSerializer.Serialize(_home.Reading(1), ProtocolJson.Default.SignedReading);
        using var document = JsonDocument.Parse(json);
        var members = document.RootElement.EnumerateObject()
            .Select(member => $"\"{member.Name}\":{(member.Name == field ? value : member.Value.GetRawText())}");

        var results = await SendBytesAsync(Encoding.UTF8.GetBytes($"[{{{string.Join(',', members)}}}]"));

        results.ShouldHaveSingleItem().Code.ShouldBe(ProblemCodes.MalformedReading);
        (await StoredAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_batch_may_be_packed()
    {
        var results = await SendBytesAsync(Pack(Encoding.UTF8.GetBytes(Lines(_home.Readings(30)))), "gzip");
        results.Count(static r => r.Status == ReadingResult.Accepted).ShouldBe(30);
    }

    [Fact]
    public async Task A_packed_bomb_is_too_large()
    {
        var bomb = Pack(new byte[(8 * 1024 * 1024) + 1]);
        bomb.Length.ShouldBeLessThan(64 * 1024);
        await PostBytes(bomb, "gzip")
            .ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, ProblemCodes.RequestTooLarge);
    }

    [Fact]
    public async Task What_claims_to_be_packed_and_is_not_is_malformed()
    {
        var plain = Encoding.UTF8.GetBytes(Lines(_home.Readings(1)));
        await PostBytes(plain, "gzip").ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        await PostBytes(plain, "br").ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        (await StoredAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_batch_has_at_most_500_readings()
    {
        var reading = Lines([_home.Reading(1)]);
        var text = string.Join('\n', Enumerable.Repeat(reading, 501));
        await PostBytes(Encoding.UTF8.GetBytes(text)).ShouldBeProblemAsync(
            HttpStatusCode.RequestEntityTooLarge, ProblemCodes.RequestTooLarge);
        await PostBytes(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(reading, 501))}]"))
            .ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, ProblemCodes.RequestTooLarge);
        (await StoredAsync()).ShouldBe(0);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("[1,]")]
    [InlineData("[1] 2")]
    [InlineData("[{\"device\":}]")]
    public async Task An_array_that_is_no_json_is_a_malformed_request(string text) =>
        await PostBytes(Encoding.UTF8.GetBytes(text))
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);

    [Fact]
    public async Task A_request_without_a_body_is_malformed_and_an_empty_array_is_not()
    {
        await PostBytes([]).ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        (await SendBytesAsync("[]"u8.ToArray())).ShouldBeEmpty();
    }

    [Fact]
    public async Task More_than_two_MiB_are_too_large() =>
        await PostBytes(new byte[(2 * 1024 * 1024) + 1])
            .ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, ProblemCodes.RequestTooLarge);

    [Fact]
    public async Task Only_the_gateway_itself_brings_its_readings()
    {
        using var neighbour = await VirtualHome.RegisteredAsync(_host);
        using var content = new StringContent(Lines(_home.Readings(1)));
        await _host.Client(neighbour.Gateway).PostAsync(_home.ReadingsPath, content)
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        (await SendAsync(_home.Readings(1), neighbour))[0].Code.ShouldBe(ProblemCodes.UnknownDevice);
        (await StoredAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_is_taken_for_users_that_are_not_verified()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Cloud:AutoVerifyUsers"] = "false" },
        });
        using var home = await VirtualHome.RegisteredAsync(host);
        (await SendAsync([home.Reading(1)], home, host))[0].Code.ShouldBe(ProblemCodes.UserNotVerified);
        await host.Client(host.OperatorKey).PostAsync($"/api/users/{home.UserId}/verify", null)
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        (await SendAsync([home.Reading(1)], home, host))[0].Status.ShouldBe(ReadingResult.Accepted);
    }

    private static string Lines(IEnumerable<SignedReading> readings) => string.Join(
        '\n', readings.Select(static r => JsonSerializer.Serialize(r, ProtocolJson.Default.SignedReading)));

    private static byte[] Pack(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }

    private async Task<IReadOnlyList<ReadingResult>> SendAsync(
        IReadOnlyList<SignedReading> readings, VirtualHome? home = null, CloudHost? host = null) =>
        (await PostBytes(Encoding.UTF8.GetBytes(Lines(readings)), encoding: null, home, host)
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.ReadingBatchResponse)).Results;

    private async Task<IReadOnlyList<ReadingResult>> SendBytesAsync(byte[] body, string? encoding = null) =>
        (await PostBytes(body, encoding).ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.ReadingBatchResponse))
            .Results;

    private async Task<HttpResponseMessage> PostBytes(
        byte[] body, string? encoding = null, VirtualHome? home = null, CloudHost? host = null)
    {
        home ??= _home;
        using var content = new ByteArrayContent(body);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return await (host ?? _host).Client(home.Gateway).PostAsync(home.ReadingsPath, content);
    }

    private async Task<MeterView> MeterAsync() =>
        await _host.GetAsync(_home.Wallet, $"/api/meters/{_home.MeterId}").Then(ProtocolJson.Default.MeterView);

    private async Task<long> StoredAsync()
    {
        await using var command = _host.Database.CreateCommand("select count(*) from readings where device = $1");
        _ = command.Parameters.AddWithValue(_home.Device.PublicKey.ToArray());
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<long> CountedAsync(string code)
    {
        await using var command = _host.Database.CreateCommand(
            "select coalesce(sum(count), 0)::bigint from reading_rejections where code = $1");
        _ = command.Parameters.AddWithValue(code);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
