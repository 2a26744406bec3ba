using System.Net;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Page;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>Whoever tries what is not his is refused, and the log tells of it.</summary>
#pragma warning disable CA1001 // DisposeAsync of xunit gives it back.
public sealed class SecurityTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const string Pin = "493817";
    private const string Code = "GTX-7KQ2-M0XV-9TDA";

    private readonly SigningKey _other = SigningKey.Generate();
    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false });
    private World _world = null!;

    public async Task InitializeAsync()
    {
        _world = await World.CreateAsync();
        _world.Register(_other);
        _world.StoreDevices();
        await _world.StartGatewayAsync();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        _other.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_device_that_publishes_as_another_is_refused_and_logged()
    {
        var topic = Topics.Reading(_world.DeviceName);
        var own = Some.Reading(_other, 1);
        await _world.Fleet.SendAsync(topic, Some.Json(own));
        await LoggedAsync($"Refused with {Refusals.TopicMismatch}", topic[..40]);

        var signedByAnother = Some.Reading(_world.Device, 1) with { Signature = own.Signature };
        await _world.Fleet.SendAsync(topic, Some.Json(signedByAnother));
        await LoggedAsync($"Refused with {ProblemCodes.BadSignature}", topic[..40]);

        await OnlyThisIsTakenAsync(Some.Reading(_world.Device, 1));
    }

    [Fact]
    public async Task A_device_that_is_not_paired_is_refused_and_logged()
    {
        using var stranger = SigningKey.Generate();

        await _world.Fleet.SendAsync(Some.Reading(stranger, 1));

        await LoggedAsync(
            $"Refused with {ProblemCodes.UnknownDevice}", Topics.Reading(stranger.PublicKey.ToString())[..40]);
        await OnlyThisIsTakenAsync(Some.Reading(_world.Device, 1));
    }

    [Fact]
    public async Task A_forged_command_is_refused_and_logged()
    {
        var topic = Topics.Command(_world.DeviceName);
        await _world.Core.SendAsync(topic, Some.Json(Some.Command(_other, 1)));
        await LoggedAsync($"Refused with {Refusals.TopicMismatch}", topic[..40]);
        await _world.Core.SendAsync(topic, "{\"counter\":7}"u8.ToArray());
        await LoggedAsync($"Refused with {Refusals.MalformedCommand}", topic[..40]);

        await _world.Core.SendAsync(topic, Some.Json(Some.Command(_world.Device, 2)));

        await Eventually.HoldsAsync(() => _world.Fleet.PayloadsOn(topic).Count > 0);
        _world.Fleet.PayloadsOn(topic).ShouldHaveSingleItem().ShouldBe(Some.Json(Some.Command(_world.Device, 2)));
        _world.Fleet.PayloadsOn(Topics.Command(_other.PublicKey.ToString())).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_replayed_claim_is_refused_and_logged()
    {
        var claim = _world.Part<Claim>();
        var code = claim.Open();
        (await PostAsync("/claim", ("code", code), ("pin", Pin))).ShouldBe(HttpStatusCode.Redirect);

        (await PostAsync("/claim", ("code", code), ("pin", "000000"))).ShouldBe(HttpStatusCode.Forbidden);

        await LoggedAsync("A claim from", $"was refused: {ClaimOutcome.NoCode}");
        claim.IsPin(Pin).ShouldBeTrue();
    }

    [Fact]
    public async Task An_owners_code_that_the_cloud_has_taken_before_is_refused_and_logged()
    {
        // The cloud takes each code once: this one is known to nobody any more.
        (await PostAsync("/claim", ("code", Code), ("pin", Pin))).ShouldBe(HttpStatusCode.Redirect);

        await LoggedAsync("The cloud refused the owner's code");
        _world.Part<Claim>().IsClaimed.ShouldBeFalse();
    }

    [Theory]
    [InlineData("GET", "/bundle")]
    [InlineData("GET", "/bundle?file=../gateway.key")]
    [InlineData("GET", "/pairing")]
    [InlineData("POST", "/quarantine/retry")]
    [InlineData("POST", "/alarms/seen")]
    [InlineData("POST", "/sign-out")]
    [InlineData("POST", "/owner")]
    [InlineData("POST", "/pairing/begin")]
    [InlineData("POST", "/pairing/same")]
    [InlineData("POST", "/pairing/retry")]
    [InlineData("POST", "/pairing/end")]
    public async Task A_page_without_the_pin_is_refused_and_logged(string method, string path)
    {
        using var form = new FormUrlEncodedContent([new("token", "0"), new("device", _world.DeviceName)]);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_world.Url + path));
        request.Content = method == "POST" ? form : null;

        using var answer = await _http.SendAsync(request);

        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.Forbidden, HttpStatusCode.Redirect);
        answer.Headers.Location?.OriginalString.ShouldBe("/");
        (await answer.Content.ReadAsStringAsync()).ShouldBeEmpty();
        await LoggedAsync($"{path.Split('?')[0]} was refused to");
    }

    [Theory]
    [InlineData("/bundle/../gateway.key")]
    [InlineData("/bundle/..%2fgateway.key")]
    [InlineData("/%2e%2e/gateway.db")]
    [InlineData("/backup/..%5c..%5cgateway.db")]
    [InlineData("/bundle/....//gateway.key")]
    public async Task A_path_that_leads_elsewhere_is_refused_and_logged(string path)
    {
        var asItIs = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var address = new Uri(_world.Url + path, asItIs);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);

        using var answer = await _http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        _world.Refusals.Count(Refusals.NoSuchPage).ShouldBe(1);
        await LoggedAsync($"Refused with {Refusals.NoSuchPage}", "gateway.");
    }

    private async Task LoggedAsync(params string[] parts)
    {
        try
        {
            await Eventually.HoldsAsync(() => _world.Log.Has(parts));
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"No line with {string.Join(" and ", parts)} in\n{_world.Log}", exception);
        }
    }

    private async Task OnlyThisIsTakenAsync(SignedReading reading)
    {
        await _world.Fleet.SendUntilAcknowledgedAsync([reading]);
        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.ShouldHaveSingleItem().Signature.ShouldBe(reading.Signature);
        _world.Count("reading").ShouldBe(1);
        _world.Fleet.Acknowledged.Count.ShouldBe(1);
    }

    private async Task<HttpStatusCode> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(
            fields.Select(static field => new KeyValuePair<string, string>(field.Name, field.Value)));
        using var answer = await _http.PostAsync(new Uri(_world.Url + path), form);
        return answer.StatusCode;
    }
}
