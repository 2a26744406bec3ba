using System.Net;
using System.Text;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Tests.Api;

public sealed class BadInputTests(CloudFixture fixture) : IClassFixture<CloudFixture>, IDisposable
{
    private readonly CloudHost _host = fixture.Host;
    private readonly SigningKey _wallet = SigningKey.Generate();

    public void Dispose() => _wallet.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("nonsense")]
    [InlineData("""{"name":"Ann"}""")]
    [InlineData("""{"name":null,"role":"prosumer"}""")]
    [InlineData("""{"name":1,"role":"prosumer"}""")]
    [InlineData("""{"name":"Ann","role":{"a":1}}""")]
    [InlineData("""{"Name":"Ann","Role":"prosumer"}""")]
    [InlineData("""{"name":"Ann","name":"Bob","role":"prosumer"}""")]
    [InlineData("""{"name":"\ud800","role":"prosumer"}""")]
    [InlineData("""{"name":"Ann","role":"prosumer"}x""")]
    [InlineData("""{"name":"Ann","role":"prosumer","x":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}""")]
    public async Task A_body_that_does_not_fit_is_a_malformed_request(string json)
    {
        await _host.PostTextAsync(_wallet, "/api/users", json)
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        await _host.GetAsync(_wallet, "/api/users/me")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_a_malformed_request()
    {
        using var content = new ByteArrayContent([.. "{\"name\":\""u8, 0xC3, 0x28, .. "\",\"role\":\"prosumer\"}"u8]);
        content.Headers.ContentType = new("application/json");
        await _host.Client(_wallet).PostAsync("/api/users", content)
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
    }

    [Fact]
    public async Task Another_media_type_is_a_malformed_request()
    {
        using var content = new StringContent(
            "name=Ann&role=prosumer", Encoding.UTF8, "application/x-www-form-urlencoded");
        await _host.Client(_wallet).PostAsync("/api/users", content)
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
    }

    [Theory]
    [InlineData("/api/gateways")]
    [InlineData("/api/meters")]
    [InlineData("/api/meters/submit-reading")]
    [InlineData("/simulation/advance")]
    public async Task Every_endpoint_answers_bad_json_with_its_code(string path) =>
        await _host.PostTextAsync(_host.OperatorKey, path, "{\"x\":")
            .ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);

    [Theory]
    [InlineData("/api/users")]
    [InlineData("/api/meters/submit-reading")]
    public async Task A_huge_body_is_too_large(string path) =>
        await _host.PostTextAsync(_wallet, path, new string(' ', 10_000_000))
            .ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, ProblemCodes.RequestTooLarge);

    [Theory]
    [InlineData("POST", "/api/users")]
    [InlineData("GET", "/api/users/me")]
    [InlineData("POST", "/api/users/6f9619ff-8b86-d011-b42d-00c04fc964ff/verify")]
    [InlineData("POST", "/api/gateways")]
    [InlineData("GET", "/api/gateways/11111111111111111111111111111111/devices")]
    [InlineData("POST", "/api/gateways/11111111111111111111111111111111/readings")]
    [InlineData("POST", "/api/meters")]
    [InlineData("GET", "/api/meters/MTR-1")]
    public async Task Nothing_but_the_public_endpoints_answers_an_unsigned_request(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        await _host.Client().SendAsync(request)
            .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.NotSigned);
    }

    [Theory]
    [InlineData("POST", "/api/users/6f9619ff-8b86-d011-b42d-00c04fc964ff/verify")]
    [InlineData("POST", "/api/gateways")]
    [InlineData("GET", "/api/gateways/11111111111111111111111111111111/devices")]
    [InlineData("POST", "/api/gateways/11111111111111111111111111111111/readings")]
    public async Task A_wallet_may_not_do_what_belongs_to_gateways_or_the_operator(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        await _host.Client(_wallet).SendAsync(request)
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }
}
