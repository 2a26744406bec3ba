using System.Net;
using System.Text.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.CloudCore.Tests.Ingest;

public sealed class SubmitReadingTests(CloudFixture fixture) : IClassFixture<CloudFixture>, IAsyncLifetime
{
    private const string Path = "/api/meters/submit-reading";

    private readonly CloudHost _host = fixture.Host;
    private VirtualHome _home = null!;

    public async Task InitializeAsync()
    {
        _ = await _host.AdvanceAsync(CloudHost.Noon.AddDays(1));
        _home = await VirtualHome.RegisteredAsync(_host);
    }

    public Task DisposeAsync()
    {
        _home.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_reading_is_accepted_by_its_own_signature_and_again_as_a_duplicate()
    {
        var request = Request(_home.Reading(1), 1m);
        (await Accept(request)).ShouldBe(new ReadingResult(_home.Device.PublicKey, 1, ReadingResult.Accepted, null));
        (await Accept(request)).ShouldBe(new ReadingResult(_home.Device.PublicKey, 1, ReadingResult.Duplicate, null));
    }

    [Fact]
    public async Task The_amount_is_the_net_energy_since_the_previous_accepted_reading()
    {
        _ = await Accept(Request(_home.Reading(1, production: 2_500, consumption: 3_000), -0.5m));
        var second = _home.Reading(2, production: 4_000, consumption: 3_250);
        await Refuse(Request(second, 0.75m), HttpStatusCode.UnprocessableEntity, ProblemCodes.AmountMismatch);
        await Refuse(Request(second, 1.2500001m), HttpStatusCode.UnprocessableEntity, ProblemCodes.AmountMismatch);
        await Refuse(
            Request(second, decimal.MaxValue), HttpStatusCode.UnprocessableEntity, ProblemCodes.AmountMismatch);
        (await Accept(Request(second, 1.25m))).Status.ShouldBe(ReadingResult.Accepted);
    }

    [Fact]
    public async Task The_meter_its_device_and_its_wallet_belong_together()
    {
        using var neighbour = await VirtualHome.RegisteredAsync(_host);
        using var stranger = new VirtualHome();
        var request = Request(_home.Reading(1), 1m);

        await Refuse(request with { MeterId = neighbour.MeterId }, HttpStatusCode.NotFound, ProblemCodes.UnknownDevice);
        await Refuse(request with { MeterId = "nobody" }, HttpStatusCode.NotFound, ProblemCodes.UnknownDevice);
        await Refuse(
            request with { PublicKey = stranger.Device.PublicKey },
            HttpStatusCode.NotFound,
            ProblemCodes.UnknownDevice);
        await Refuse(
            request with { WalletAddress = neighbour.Wallet.PublicKey },
            HttpStatusCode.UnprocessableEntity,
            ProblemCodes.InvalidWallet);
        (await _host.CountAsync(
            $"readings where device = '\\x{Convert.ToHexString(_home.Device.PublicKey.ToArray())}'"))
            .ShouldBe(0);
    }

    [Fact]
    public async Task Another_key_does_not_sign_for_the_meter()
    {
        using var thief = SigningKey.Generate();
        await Refuse(
            Request(_home.Reading(1, signer: thief), 1m), HttpStatusCode.Unauthorized, ProblemCodes.BadSignature);
        await Refuse(
            Request(_home.Reading(1), 1m) with { ProductionWh = 2_000, KwhAmount = 2m },
            HttpStatusCode.Unauthorized,
            ProblemCodes.BadSignature);
    }

    [Fact]
    public async Task Every_rule_has_its_status_and_code()
    {
        _ = await Accept(Request(_home.Reading(10, at: CloudHost.Noon), 10m));
        await Refuse(
            Request(_home.Reading(10, at: CloudHost.Noon.AddHours(1)), 0m),
            HttpStatusCode.Conflict,
            ProblemCodes.SequenceReused);
        await Refuse(
            Request(_home.Reading(11, flags: 1), 1m),
            HttpStatusCode.UnprocessableEntity,
            ProblemCodes.TimeNotSynchronised);
        await Refuse(
            Request(_home.Reading(11, at: CloudHost.Noon.AddDays(-6.5)), 1m),
            HttpStatusCode.UnprocessableEntity,
            ProblemCodes.TooOld);
        await Refuse(
            Request(_home.Reading(11, at: CloudHost.Noon.AddDays(1.01)), 1m),
            HttpStatusCode.UnprocessableEntity,
            ProblemCodes.InFuture);
        await Refuse(
            Request(_home.Reading(11, production: 9_999), -0.001m),
            HttpStatusCode.UnprocessableEntity,
            ProblemCodes.RegisterRegression);
        await Refuse(
            Request(_home.Reading(11, at: CloudHost.Noon.AddSeconds(299)), 1m),
            HttpStatusCode.TooManyRequests,
            ProblemCodes.RateLimited);
        await Refuse(
            Request(_home.Reading(11, at: CloudHost.Noon.AddMinutes(15), production: 110_001), 100.001m),
            HttpStatusCode.UnprocessableEntity,
            ProblemCodes.EnergyOutOfRange);
        await Refuse(
            Request(_home.Reading(11), 1m) with { IntervalSeconds = 0 },
            HttpStatusCode.BadRequest,
            ProblemCodes.MalformedReading);
    }

    [Theory]
    [InlineData("kwh_amount", "\"1\"")]
    [InlineData("kwh_amount", "1e400")]
    [InlineData("sequence", "1e3000")]
    [InlineData("reading_timestamp", "0")]
    [InlineData("meter_signature", "null")]
    [InlineData("public_key", "\"0OIl\"")]
    [InlineData("wallet_address", "[]")]
    public async Task A_member_of_the_wrong_type_makes_a_malformed_request(string member, string value)
    {
        var json = JsonSerializer.Serialize(Request(_home.Reading(1), 1m), ProtocolJson.Default.SubmitReadingRequest);
        using var document = JsonDocument.Parse(json);
        var members = document.RootElement.EnumerateObject()
            .Select(m => $"\"{m.Name}\":{(m.Name == member ? value : m.Value.GetRawText())}");
        await _host.PostTextAsync(null, Path, $"{{{string.Join(',', members)}}}")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
    }

    private SubmitReadingRequest Request(SignedReading reading, decimal kwh) => new(
        _home.MeterId,
        _home.Wallet.PublicKey,
        kwh,
        reading.Timestamp,
        reading.Signature,
        reading.Device,
        reading.Sequence,
        reading.ProductionWh,
        reading.ConsumptionWh,
        reading.SocPermille,
        reading.Flags,
        reading.IntervalSeconds);

    private async Task<ReadingResult> Accept(SubmitReadingRequest request)
    {
        using var response = await _host.PostAsync(null, Path, request);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        var type = (System.Text.Json.Serialization.Metadata.JsonTypeInfo<ReadingResult>)
            ProtocolJson.Default.GetTypeInfo(typeof(ReadingResult))!;
        return JsonSerializer.Deserialize(text, type)!;
    }

    private Task Refuse(SubmitReadingRequest request, HttpStatusCode status, string code) =>
        _host.PostAsync(null, Path, request).ShouldBeProblemAsync(status, code);
}
