using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Page;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>
/// Claiming for an owner and pairing devices, at the page, with everything ending and beginning again.
/// </summary>
#pragma warning disable CA1001 // DisposeAsync of xunit gives it back.
public sealed partial class PairingPageTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const string Pin = "493817";
    private const string Code = "GTX-7KQ2-M0XV-9TDA";

    private readonly SigningKey _device = SigningKey.Generate();
    private World _world = null!;
    private HttpClient _http = null!;

    private string Name => _device.PublicKey.ToString();

    private Key32 Gateway => _world.Part<SigningKey>().PublicKey;

    private PairingStep Step =>
        _world.Part<PairingStore>().All().FirstOrDefault(one => one.Device == _device.PublicKey)?.Step
            ?? PairingStep.None;

    public async Task InitializeAsync()
    {
        _world = await World.StartAsync();
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() });
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        _device.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task The_owners_code_claims_the_gateway_and_sets_the_pin_once_the_cloud_has_taken_it()
    {
        Know(Code);
        _ = await PostAsync("/claim", ("code", "gtx 7kq2 moxv 9tda"), ("pin", Pin));
        await Eventually.HoldsAsync(() => _world.Part<Claim>().IsClaimed);

        _ = await PostAsync("/sign-in", ("pin", Pin));
        var page = await GetAsync("/pairing");
        page.ShouldContain("zone-1");
        page.ShouldContain(Some.Owner.ToString());
        _world.Part<Ownership>().MayPair.ShouldBeTrue();
    }

    [Fact]
    public async Task A_code_that_the_cloud_refuses_sets_no_pin_and_says_why()
    {
        _ = await PostAsync("/claim", ("code", Code), ("pin", Pin));
        await Eventually.HoldsAsync(async () => (await GetAsync("/")).Contains("does not know that code"));
        _world.Part<Claim>().IsClaimed.ShouldBeFalse();

        Know(Code);
        _world.Cloud.Pairing.Refusal = ProblemCodes.GatewayClaimed;
        _ = await PostAsync("/claim", ("code", Code), ("pin", Pin));
        await Eventually.HoldsAsync(async () => (await GetAsync("/")).Contains("belongs to somebody else"));
        (await PostAsync("/claim", ("code", Code), ("pin", "12"))).ShouldBe(HttpStatusCode.Forbidden);
        _world.Part<Claim>().IsClaimed.ShouldBeFalse();
    }

    [Fact]
    public async Task A_strangers_code_opens_no_page_that_has_a_pin_and_no_owner()
    {
        _ = await PostAsync("/claim", ("code", _world.Part<Claim>().Open()), ("pin", Pin));
        Know(Code);

        (await PostAsync("/claim", ("code", Code), ("pin", "000000"))).ShouldBe(HttpStatusCode.Forbidden);
        _world.Part<Ownership>().Code.ShouldBeNull();

        _ = await PostAsync("/sign-in", ("pin", Pin));
        _ = await ActAsync("/owner", ("code", Code));
        await Eventually.HoldsAsync(() => _world.Part<Ownership>().Current is not null);
        _world.Part<Claim>().IsPin(Pin).ShouldBeTrue();
    }

    [Fact]
    public async Task While_the_cloud_is_away_the_code_waits_over_a_restart_and_no_other_takes_its_place()
    {
        Know(Code);
        await _world.Cloud.StopAsync();
        _ = await PostAsync("/claim", ("code", Code), ("pin", Pin));
        (await GetAsync("/")).ShouldContain("Asking the cloud");
        _ = await PostAsync("/claim", ("code", "GTX-0000-0000-0000"), ("pin", "000000"));
        await _world.StopGatewayAsync();
        await _world.StartGatewayAsync(awaitDevices: false);
        _world.Part<Claim>().IsClaimed.ShouldBeFalse();

        await _world.Cloud.RestartAsync();

        await Eventually.HoldsAsync(() => _world.Part<Claim>().IsClaimed);
        _world.Part<Claim>().IsPin(Pin).ShouldBeTrue();
    }

    [Fact]
    public async Task A_device_is_paired_step_by_step_though_the_gateway_ends_in_each()
    {
        await SignedInAsync();
        await AsksAsync();
        (await ActAsync("/pairing/begin", ("device", Name), ("meter", "MTR-7"))).ShouldContain("Press the button");
        var request = await HeardAsync(ProtocolJson.Default.ConsentRequest);
        request.ShouldBe(new ConsentRequest(_device.PublicKey, Some.Owner, Gateway));

        await RestartAsync();
        await ConsentAsync();
        await Eventually.HoldsAsync(() => Step == PairingStep.Comparing);
        var offer = await HeardAsync(ProtocolJson.Default.PairingOffer);
        var pairing = ScriptedPairing.With(_device.PublicKey);
        offer.ShouldBe(new PairingOffer(_device.PublicKey, pairing.CloudKey));

        await RestartAsync();
        (await GetAsync("/pairing")).ShouldContain(pairing.Code);
        _ = await ActAsync("/pairing/same", ("device", Name));
        Step.ShouldBe(PairingStep.Confirming);

        await RestartAsync();
        _world.Cloud.Pairing.Proved[_device.PublicKey] = true;
        await Eventually.HoldsAsync(() => Step == PairingStep.Paired);
        (await GetAsync("/pairing")).ShouldContain("The device has answered the cloud");
        _ = await ActAsync("/pairing/end", ("device", Name));
        Step.ShouldBe(PairingStep.None);
        _world.Cloud.Pairing.Registered.ShouldAllBe(registered => registered.MeterId == "MTR-7");
    }

    [Fact]
    public async Task The_cloud_is_asked_to_register_until_it_answers_and_its_refusal_is_shown()
    {
        await SignedInAsync();
        await AsksAsync();
        _ = await ActAsync("/pairing/begin", ("device", Name), ("meter", "MTR-7"));
        await _world.Cloud.StopAsync();
        await ConsentAsync();
        await Eventually.HoldsAsync(() => Step == PairingStep.Registering);
        _world.Cloud.Pairing.Refusal = ProblemCodes.MeterRegistered;
        await _world.Cloud.RestartAsync();
        await Eventually.HoldsAsync(async () =>
            (await GetAsync("/pairing")).Contains("with that number is registered"));

        _world.Cloud.Pairing.Refusal = null;
        _ = await ActAsync("/pairing/retry", ("device", Name));

        await Eventually.HoldsAsync(() => Step == PairingStep.Comparing);
    }

    [Fact]
    public async Task A_new_device_takes_the_place_of_a_registered_one()
    {
        await SignedInAsync();
        await AsksAsync();
        var meter = _world.Cloud.Devices.Single().Value;
        _ = await ActAsync("/pairing/begin", ("device", Name), ("meter", ""), ("replaces", _world.DeviceName));
        await ConsentAsync();
        await Eventually.HoldsAsync(() => Step == PairingStep.Comparing);
        var registered = _world.Cloud.Pairing.Registered.Last();
        (registered.MeterId, registered.Replaces).ShouldBe((meter, _world.Device.PublicKey));
        await Eventually.HoldsAsync(() => _world.Directory.Names.SequenceEqual([Name]));
    }

    [Fact]
    public async Task Only_the_devices_own_consent_to_this_owner_and_gateway_is_taken()
    {
        await SignedInAsync();
        await AsksAsync();
        _ = await ActAsync("/pairing/begin", ("device", Name), ("meter", "MTR-7"));
        using var other = SigningKey.Generate();
        var topic = Topics.Consent(Name);
        await _world.Fleet.SendAsync(topic, Some.Consent(_device, Some.Owner, Gateway, signer: other));
        await _world.Fleet.SendAsync(topic, Some.Consent(_device, other.PublicKey, Gateway));
        await _world.Fleet.SendAsync(topic, Some.Consent(_device, Some.Owner, other.PublicKey));
        await _world.Fleet.SendAsync(topic, Some.Consent(_device, Some.Owner, Gateway, named: other.PublicKey));
        await _world.Fleet.SendAsync(topic, "{}"u8.ToArray());
        await _world.Fleet.SendAsync(topic, new byte[2000]);

        await Eventually.HoldsAsync(() => _world.Refusals.Count(ProblemCodes.RequestTooLarge) == 1);
        _world.Refusals.Count(ProblemCodes.BadConsent).ShouldBe(3);
        _world.Refusals.Count(Refusals.TopicMismatch).ShouldBe(1);
        _world.Refusals.Count(Refusals.MalformedConsent).ShouldBe(1);
        Step.ShouldBe(PairingStep.Consent);
    }

    [Theory]
    [InlineData("/owner")]
    [InlineData("/pairing/begin")]
    [InlineData("/pairing/same")]
    [InlineData("/pairing/retry")]
    [InlineData("/pairing/end")]
    public async Task Without_the_pin_or_the_pages_own_token_nothing_is_changed(string path)
    {
        await SignedInAsync();
        await AsksAsync();
        using var stranger = new HttpClient();
        using var form = new FormUrlEncodedContent(
            [new("device", Name), new("meter", "MTR-7"), new("code", Code), new("token", "00")]);
        using var answer = await stranger.PostAsync(new Uri(_world.Url + path), form);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(path, ("device", Name), ("meter", "MTR-7"), ("token", "00")))
            .ShouldBe(HttpStatusCode.Forbidden);
        Step.ShouldBe(PairingStep.None);
        (await stranger.GetStringAsync(new Uri(_world.Url + "/pairing"))).ShouldNotContain(Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../MTR")]
    [InlineData("<b>")]
    [InlineData("a-number-longer-than-32-characters")]
    public async Task An_unfit_number_or_a_device_that_does_not_ask_begins_nothing(string meter)
    {
        await SignedInAsync();
        await AsksAsync();
        (await ActAsync("/pairing/begin", ("device", Name), ("meter", meter))).ShouldContain("1 to 32 letters");
        (await ActAsync("/pairing/begin", ("device", Gateway.ToString()), ("meter", "M")))
            .ShouldContain("does not ask any more");
        (await GetAsync("/pairing?fault=<script>")).ShouldNotContain("<script>");
        Step.ShouldBe(PairingStep.None);
    }

    [Fact]
    public async Task The_brokers_devices_are_the_registered_ones_and_those_being_paired()
    {
        await SignedInAsync();
        await AsksAsync();
        _ = await ActAsync("/pairing/begin", ("device", Name), ("meter", "MTR-7"));
        await ConsentAsync();
        await Eventually.HoldsAsync(() => Allowed().Contains(Name));
        Allowed().ShouldContain(_world.DeviceName);

        _ = _world.Cloud.Devices.TryRemove(_world.Device.PublicKey, out _);
        _world.Directory.RefreshWanted.Set();
        await Eventually.HoldsAsync(() => Allowed().SequenceEqual([Name]));
    }

    private string[] Allowed() =>
        File.Exists(_world.BrokerDevices) ? File.ReadAllLines(_world.BrokerDevices) : [];

    private void Know(string code) => _world.Cloud.Pairing.Codes[code] = new ClaimedGateway(
        Gateway, "Ann's home", "zone-1", Some.Owner, _world.Wall.UtcNow.AddHours(1));

    private async Task SignedInAsync()
    {
        _ = await PostAsync("/claim", ("code", _world.Part<Claim>().Open()), ("pin", Pin));
        _ = await PostAsync("/sign-in", ("pin", Pin));
        _ = _world.Own();
    }

    private async Task RestartAsync()
    {
        await _world.StopGatewayAsync();
        await _world.StartGatewayAsync();
        _ = await PostAsync("/sign-in", ("pin", Pin));
    }

    private async Task AsksAsync()
    {
        await _world.Fleet.SendAsync(Topics.Status(Name), Some.Status(online: true));
        await Eventually.HoldsAsync(() => _world.Part<PairingDesk>().Waiting().Contains(_device.PublicKey));
    }

    private Task ConsentAsync() =>
        _world.Fleet.SendAsync(Topics.Consent(Name), Some.Consent(_device, Some.Owner, Gateway));

    private async Task<T> HeardAsync<T>(System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> form)
        where T : class
    {
        T? heard = null;
        await Eventually.HoldsAsync(() =>
        {
            heard = _world.Fleet.PayloadsOn(Topics.Pairing(Name)).Select(Read).OfType<T>().FirstOrDefault();
            return heard is not null;
        });
        return heard!;

        T? Read(byte[] payload)
        {
            try
            {
                return JsonSerializer.Deserialize(payload, form);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    private Task<string> GetAsync(string path) => _http.GetStringAsync(new Uri(_world.Url + path));

    private async Task<string> ActAsync(string path, params (string Name, string Value)[] fields)
    {
        var token = Token().Match(await GetAsync("/")).Groups["token"].Value;
        using var form = Form([("token", token), .. fields]);
        using var answer = await _http.PostAsync(new Uri(_world.Url + path), form);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<HttpStatusCode> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = Form(fields);
        using var answer = await _http.PostAsync(new Uri(_world.Url + path), form);
        return answer.StatusCode;
    }

    private static FormUrlEncodedContent Form((string Name, string Value)[] fields) =>
        new(fields.Select(static field => new KeyValuePair<string, string>(field.Name, field.Value)));

    [GeneratedRegex("name=\"token\" value=\"(?<token>[0-9A-F]+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Token();
}
