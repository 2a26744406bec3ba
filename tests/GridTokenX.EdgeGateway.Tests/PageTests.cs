using System.IO.Compression;
using System.Net;
using System.Text;
using GridTokenX.EdgeGateway.Page;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>The page in the home, as a browser and as somebody who should not be there.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private const string Pin = "493817";

    private readonly SteppedTime _wall = new(Some.Noon.AddDays(30));
    private World _world = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _world = await World.StartAsync(_wall);
        _http = Visitor();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Claimed_once_with_its_code_the_page_shows_the_home_behind_the_pin()
    {
        (await GetAsync("/")).ShouldContain("gtx-gateway claim");
        var code = Claim.Open();

        (await PostAsync("/claim", ("code", code), ("pin", Pin))).ShouldBe(HttpStatusCode.OK);
        (await GetAsync("/")).ShouldNotContain(_world.Cloud.Devices.Single().Value);
        (await PostAsync("/sign-in", ("pin", Pin))).ShouldBe(HttpStatusCode.OK);

        var page = await GetAsync("/");
        page.ShouldContain(_world.Cloud.Devices.Single().Value);
        page.ShouldContain("Everything works");
    }

    [Fact]
    public async Task A_replayed_a_late_and_a_guessed_claim_are_refused()
    {
        var code = Claim.Open();
        (await PostAsync("/claim", ("code", code), ("pin", Pin))).ShouldBe(HttpStatusCode.OK);
        (await PostAsync("/claim", ("code", code), ("pin", "000000"))).ShouldBe(HttpStatusCode.Forbidden);
        Claim.IsPin(Pin).ShouldBeTrue();

        code = Claim.Open();
        _wall.Advance(Page.Claim.Lifetime);
        (await PostAsync("/claim", ("code", code), ("pin", "000000"))).ShouldBe(HttpStatusCode.Forbidden);

        code = Claim.Open();
        for (var i = 0; i < Page.Claim.MaxWrongCodes; i++)
        {
            (await PostAsync("/claim", ("code", "AAAAAAAA"), ("pin", "000000"))).ShouldBe(HttpStatusCode.Forbidden);
        }

        (await PostAsync("/claim", ("code", code), ("pin", "000000"))).ShouldBe(HttpStatusCode.Forbidden);
        Claim.IsPin(Pin).ShouldBeTrue();
    }

    [Theory]
    [InlineData("12345")]
    [InlineData("abcdef")]
    [InlineData("1234567890123")]
    public async Task An_unfit_pin_leaves_the_code_good(string pin)
    {
        var code = Claim.Open();
        (await PostAsync("/claim", ("code", code), ("pin", pin))).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync("/claim", ("code", code.ToLowerInvariant()), ("pin", Pin))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Guessing_the_pin_is_locked_out_longer_each_time()
    {
        await ClaimedAsync();
        for (var i = 1; i < PageSessions.MaxWrong; i++)
        {
            (await PostAsync("/sign-in", ("pin", "111111"))).ShouldBe(HttpStatusCode.Forbidden);
        }

        (await PostAsync("/sign-in", ("pin", "111111"))).ShouldBe(HttpStatusCode.TooManyRequests);
        (await PostAsync("/sign-in", ("pin", Pin))).ShouldBe(HttpStatusCode.TooManyRequests, "not even the right one");
        _wall.Advance(PageSessions.FirstLockout);
        for (var i = 0; i < PageSessions.MaxWrong; i++)
        {
            _ = await PostAsync("/sign-in", ("pin", "111111"));
        }

        _wall.Advance(PageSessions.FirstLockout);
        (await PostAsync("/sign-in", ("pin", Pin))).ShouldBe(HttpStatusCode.TooManyRequests);
        _wall.Advance(PageSessions.FirstLockout);
        (await PostAsync("/sign-in", ("pin", Pin))).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/bundle")]
    [InlineData("/bundle/../gateway.key")]
    [InlineData("/bundle?file=../gateway.key")]
    [InlineData("/%2e%2e/gateway.key")]
    [InlineData("/language/..%2f..%2fetc%2fpasswd")]
    public async Task Nothing_leaves_without_the_pin_and_no_path_leads_out(string path)
    {
        await ClaimedAsync();
        using var stranger = Visitor();

        using var answer = await stranger.GetAsync(new Uri(_world.Url + path));

        var body = await answer.Content.ReadAsStringAsync();
        body.ShouldNotContain("[");
        body.ShouldNotContain(_world.Cloud.Devices.Single().Value);
        answer.Content.Headers.ContentType?.MediaType.ShouldNotBe("application/zip");
    }

    [Fact]
    public async Task A_form_that_another_page_sends_changes_nothing()
    {
        await SignedInAsync();
        (await PostAsync("/quarantine/retry")).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync("/sign-out", ("token", "0000"))).ShouldBe(HttpStatusCode.Forbidden);
        (await GetAsync("/")).ShouldContain("Sign out");
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Another_page_neither_claims_the_gateway_nor_guesses_its_pin(string header, string value)
    {
        _http.DefaultRequestHeaders.Add(header, value);
        var code = Claim.Open();
        (await PostAsync("/claim", ("code", code), ("pin", "000000"))).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync("/claim", ("code", "ABCD-EFGH-JKLM"), ("pin", "000000"))).ShouldBe(HttpStatusCode.Forbidden);
        Claim.IsClaimed.ShouldBeFalse();
        for (var i = 0; i <= PageSessions.MaxWrong; i++)
        {
            (await PostAsync("/sign-in", ("pin", "111111"))).ShouldBe(HttpStatusCode.Forbidden);
        }

        _ = _http.DefaultRequestHeaders.Remove(header);
        _http.DefaultRequestHeaders.Add("Origin", _world.Url);
        (await PostAsync("/claim", ("code", code), ("pin", Pin))).ShouldBe(HttpStatusCode.OK);
        (await PostAsync("/sign-in", ("pin", Pin))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_session_ends_after_half_an_hour_alone()
    {
        await SignedInAsync();
        _wall.Advance(PageSessions.Idle + TimeSpan.FromSeconds(1));
        (await GetAsync("/")).ShouldNotContain("Sign out");
    }

    [Fact]
    public async Task The_bundle_tells_the_state_and_no_secret()
    {
        await SignedInAsync();
        _world.Cloud.Refused[_world.Device.PublicKey] = ProblemCodes.RegisterRegression;
        await _world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(_world.Device, 1)]);
        await _world.NothingIsLeftAsync();

        var bytes = await _http.GetByteArrayAsync(new Uri(_world.Url + "/bundle"));

        using var zip = new ZipArchive(new MemoryStream(bytes));
        zip.Entries.Select(static entry => entry.Name).ShouldBe(
        [
            "status.json", "summary.json", "metrics.txt", "alarms.txt", "quarantine.txt", "senses.txt", "settings.txt",
        ]);
        var text = string.Concat(zip.Entries.Select(Read));
        text.ShouldContain(ProblemCodes.RegisterRegression);
        text.ShouldNotContain("argon2", Case.Insensitive);
        text.ShouldNotContain(Pin);
        text.ShouldNotContain((await File.ReadAllTextAsync(Path.Combine(_world.Folder, "gateway.key")))[1..40]);
    }

    [Fact]
    public async Task What_the_cloud_refused_is_shown_with_its_reason()
    {
        await SignedInAsync();
        _world.Cloud.Refused[_world.Device.PublicKey] = ProblemCodes.RegisterRegression;
        await _world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(_world.Device, 1)]);
        await _world.NothingIsLeftAsync();

        var page = await GetAsync("/");

        page.ShouldContain(ProblemCodes.RegisterRegression);
        page.ShouldContain("for good");
    }

    [Fact]
    public async Task A_device_that_is_connected_and_not_registered_is_shown_and_noise_is_not()
    {
        await SignedInAsync();
        using var stranger = SigningKey.Generate();
        await _world.Fleet.SendAsync("gtx/v1/<script>alert(1)/status", Some.Status(online: true));
        await _world.Fleet.SendAsync(Topics.Status(_world.DeviceName), Some.Status(online: true));
        for (var i = 0; i < PairingDesk.MaxWaiting + 10; i++)
        {
            using var noise = SigningKey.Generate();
            await _world.Fleet.SendAsync(Topics.Status(noise.PublicKey.ToString()), Some.Status(online: true));
        }

        await _world.Fleet.SendAsync(Topics.Status(stranger.PublicKey.ToString()), Some.Status(online: true));
        var desk = _world.Part<PairingDesk>();
        await Eventually.HoldsAsync(() => desk.Waiting().Contains(stranger.PublicKey));
        desk.Waiting().Count.ShouldBe(PairingDesk.MaxWaiting);
        _world.Own();
        var page = await GetAsync("/pairing");
        page.ShouldContain(stranger.PublicKey.ToString());
        page.ShouldNotContain("<script>alert");
        page.ShouldContain("New devices that ask");

        await _world.Fleet.SendAsync(Topics.Status(stranger.PublicKey.ToString()), Some.Status(online: false));
        await Eventually.HoldsAsync(() => !desk.Waiting().Contains(stranger.PublicKey));
    }

    [Fact]
    public async Task Thai_is_for_whoever_likes_it_best_or_chose_it()
    {
        await ClaimedAsync();
        using var thai = Visitor();
        thai.DefaultRequestHeaders.Add("Accept-Language", "th-TH,th;q=0.9,en;q=0.8");
        (await thai.GetStringAsync(new Uri(_world.Url))).ShouldContain("เข้าสู่ระบบ");
        (await GetAsync("/")).ShouldContain("Sign in");
        (await GetAsync("/language/th")).ShouldContain("เข้าสู่ระบบ");
    }

    [Fact]
    public void Every_text_is_there_in_both_languages()
    {
        foreach (var (key, (english, thai)) in Texts.All)
        {
            english.ShouldNotBeNullOrWhiteSpace(key);
            thai.Any(static letter => letter is >= '\u0E00' and <= '\u0E7F').ShouldBeTrue(key);
        }
    }

    [Fact]
    public async Task No_other_page_may_show_it_and_nothing_comes_from_elsewhere()
    {
        using var answer = await _http.GetAsync(new Uri(_world.Url));
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("frame-ancestors 'none'");
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("http://");
    }

    [Fact]
    public async Task Metrics_are_in_the_form_that_prometheus_reads()
    {
        await _world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(_world.Device, 1)]);
        await _world.NothingIsLeftAsync();
        await _world.Fleet.SendAsync($"gtx/v1/{_world.DeviceName}/reading", "{"u8.ToArray());
        await Eventually.HoldsAsync(() => _world.Refusals.Count(ProblemCodes.MalformedReading) == 1);

        var text = await GetAsync("/metrics");

        text.ShouldContain("# TYPE gtx_backlog_readings gauge\ngtx_backlog_readings 0\n");
        text.ShouldContain("gtx_readings_accepted_total 1\n");
        text.ShouldContain("gtx_readings_forwarded_total 1\n");
        text.ShouldContain("gtx_refused_total{code=\"gateway:malformed_reading\"} 1\n");
        text.ShouldContain("gtx_devices 1\n");
    }

    private Claim Claim => _world.Part<Claim>();

    private static string Read(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static HttpClient Visitor()
    {
#pragma warning disable CA2000 // The client owns it.
        return new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() });
#pragma warning restore CA2000
    }

    private async Task ClaimedAsync() =>
        (await PostAsync("/claim", ("code", Claim.Open()), ("pin", Pin))).ShouldBe(HttpStatusCode.OK);

    private async Task SignedInAsync()
    {
        await ClaimedAsync();
        (await PostAsync("/sign-in", ("pin", Pin))).ShouldBe(HttpStatusCode.OK);
    }

    private Task<string> GetAsync(string path) => _http.GetStringAsync(new Uri(_world.Url + path));

    private async Task<HttpStatusCode> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(
            fields.Select(static field => new KeyValuePair<string, string>(field.Name, field.Value)));
        using var answer = await _http.PostAsync(new Uri(_world.Url + path), form);
        return answer.StatusCode;
    }
}
