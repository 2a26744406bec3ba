using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GridTokenX.CloudCore.Tests.Api;

/// <summary>One host with a few endpoints that only tell what the plumbing has learnt.</summary>
public sealed class ProbeFixture : IAsyncLifetime
{
    public CloudHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await CloudHost.StartAsync(new CloudHostOptions { Map = Map });

    public async Task DisposeAsync() => await Host.DisposeAsync();

    private static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapPost("/probe/wallet/{*rest}", Tell).RequireWallet();
        _ = routes.MapPost("/probe/operator", Tell).RequireOperator();
        _ = routes.MapPost("/probe/gateway", Tell).RequireGateway();
        _ = routes.MapPost("/probe/public", static () => "public").AllowPublic();
        _ = routes.MapPost("/probe/key", Tell).RequireWallet().RequireIdempotencyKey();
        _ = routes.MapPost("/probe/fails", static IResult () => throw new NotSupportedException("secret detail"))
            .AllowPublic();
        _ = routes.MapPost("/probe/chain", static IResult () => throw new HttpRequestException("refused"))
            .AllowPublic();
    }

    private static string Tell(HttpContext context)
    {
        var key = context.Request.Headers.ContainsKey(SigningHandler.IdempotencyKeyHeader)
            ? context.IdempotencyKey()
            : "-";
        var (caller, hash) = (context.Caller(), Convert.ToHexStringLower(context.RequestHash()));
        return $"{caller.Kind} {caller.Key} {key} {hash}";
    }
}

public sealed class AuthenticationTests(ProbeFixture fixture) : IClassFixture<ProbeFixture>, IDisposable
{
    private const string Target = "/probe/wallet/a";

    private readonly CloudHost _host = fixture.Host;
    private readonly SigningKey _wallet = SigningKey.Generate();

    public void Dispose() => _wallet.Dispose();

    [Fact]
    public async Task The_handler_is_told_who_signed_and_what()
    {
        using var request = Signed(_wallet, Target, "abc", idempotencyKey: "k 1");
        using var response = await _host.Client().SendAsync(request);
        var hash = Convert.ToHexStringLower(SHA256.HashData("POST /probe/wallet/a\nabc"u8));
        (await response.Content.ReadAsStringAsync()).ShouldBe($"Wallet {_wallet} k 1 {hash}");
    }

    [Theory]
    [InlineData("/probe/wallet/a?x=1&y=%20z")]
    [InlineData("/probe/wallet/%41%2Fb")]
    [InlineData("/probe/wallet/%E0%B8%81?")]
    public async Task The_target_is_signed_as_it_stands_in_the_request_line(string target)
    {
        using var request = Signed(_wallet, target, "abc");
        using var response = await _host.Client().SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_unsigned_request_is_refused() =>
        await Send(new HttpRequestMessage(HttpMethod.Post, Target))
            .ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.NotSigned);

    [Fact]
    public async Task A_public_endpoint_asks_for_no_signature() =>
        await Send(new HttpRequestMessage(HttpMethod.Post, "/probe/public")).ShouldBeStatusAsync(HttpStatusCode.OK);

    [Theory]
    [InlineData(-301)]
    [InlineData(600)]
    public async Task A_signature_is_good_for_five_minutes_either_way(int seconds)
    {
        using var stale = Signed(_wallet, Target, "abc", age: TimeSpan.FromSeconds(-seconds));
        await Send(stale).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.SignatureNotFresh);
        using var fresh = Signed(_wallet, Target, "abc", age: TimeSpan.FromSeconds(-Math.Sign(seconds) * 200));
        await Send(fresh).ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Another_body_does_not_fit_the_digest()
    {
        using var request = Signed(_wallet, Target, "abc");
        request.Content = new StringContent("abd");
        await Send(request).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.DigestMismatch);
    }

    [Fact]
    public async Task Another_digest_does_not_fit_the_signature()
    {
        using var request = Signed(_wallet, Target, "abc");
        request.Content = new StringContent("abd");
        _ = request.Headers.Remove("Content-Digest");
        request.Headers.Add("Content-Digest", MessageSignature.Digest("abd"u8));
        await Send(request).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.BadSignature);
    }

    [Theory]
    [InlineData("/probe/wallet/b")]
    [InlineData("/probe/wallet/a?x=1")]
    [InlineData("/probe/operator")]
    public async Task A_signature_for_one_target_does_not_serve_for_another(string target)
    {
        using var request = Signed(_wallet, Target, "abc");
        request.RequestUri = new Uri(_host.Address, target);
        await Send(request).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.BadSignature);
    }

    [Fact]
    public async Task An_idempotency_key_cannot_be_changed_added_or_taken_away()
    {
        using var changed = Signed(_wallet, Target, "abc", idempotencyKey: "one");
        _ = changed.Headers.Remove("Idempotency-Key");
        changed.Headers.Add("Idempotency-Key", "two");
        await Send(changed).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.BadSignature);
        using var removed = Signed(_wallet, Target, "abc", idempotencyKey: "one");
        _ = removed.Headers.Remove("Idempotency-Key");
        await Send(removed).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.MalformedSignature);
        using var added = Signed(_wallet, Target, "abc");
        added.Headers.Add("Idempotency-Key", "one");
        await Send(added).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.MalformedSignature);
    }

    [Theory]
    [InlineData("Signature-Input", "sig=()")]
    [InlineData("Signature-Input", "")]
    [InlineData("Signature", "sig=:AAAA:")]
    [InlineData("Signature", "nonsense")]
    public async Task Headers_that_cannot_be_read_are_malformed(string header, string value)
    {
        using var request = Signed(_wallet, Target, "abc");
        _ = request.Headers.Remove(header);
        _ = request.Headers.TryAddWithoutValidation(header, value);
        await Send(request).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.MalformedSignature);
    }

    [Fact]
    public async Task Two_signatures_are_malformed()
    {
        using var request = Signed(_wallet, Target, "abc");
        request.Headers.Add("Signature", request.Headers.GetValues("Signature").First());
        await Send(request).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.MalformedSignature);
    }

    [Fact]
    public async Task A_body_without_a_digest_is_malformed()
    {
        using var request = Signed(_wallet, Target, "abc");
        _ = request.Headers.Remove("Content-Digest");
        await Send(request).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, ProblemCodes.MalformedSignature);
    }

    [Fact]
    public async Task Only_the_operator_calls_an_operators_endpoint()
    {
        using var foreign = Signed(_wallet, "/probe/operator", "abc");
        await Send(foreign).ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        using var own = Signed(_host.OperatorKey, "/probe/operator", "abc");
        await Send(own).ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Only_a_registered_gateway_calls_a_gateways_endpoint()
    {
        using var foreign = Signed(_wallet, "/probe/gateway", "abc");
        await Send(foreign).ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var own = Signed(home.Gateway, "/probe/gateway", "abc");
        await Send(own).ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_key_of_a_repeatable_request_has_1_to_100_printable_characters()
    {
        using var without = Signed(_wallet, "/probe/key", "abc");
        await Send(without).ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.IdempotencyKeyRequired);
        using var tooLong = Signed(_wallet, "/probe/key", "abc", idempotencyKey: new string('k', 101));
        await Send(tooLong).ShouldBeProblemAsync(HttpStatusCode.BadRequest, ProblemCodes.MalformedRequest);
        using var longest = Signed(_wallet, "/probe/key", "abc", idempotencyKey: new string('k', 100));
        await Send(longest).ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_body_may_have_64_KiB_and_not_a_byte_more()
    {
        using var most = Signed(_wallet, Target, new string('x', 64 * 1024));
        await Send(most).ShouldBeStatusAsync(HttpStatusCode.OK);
        using var more = Signed(_wallet, Target, new string('x', (64 * 1024) + 1));
        await Send(more).ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, ProblemCodes.RequestTooLarge);
    }

    [Fact]
    public async Task A_body_that_does_not_tell_its_length_is_cut_off_as_well()
    {
        using var request = Signed(_wallet, Target, "abc");
        request.Content = new StreamContent(new MemoryStream(new byte[(64 * 1024) + 1]));
        request.Headers.TransferEncodingChunked = true;
        await Send(request).ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, ProblemCodes.RequestTooLarge);
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        await Send(new HttpRequestMessage(HttpMethod.Get, "/nothing"))
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
        await Send(new HttpRequestMessage(HttpMethod.Get, "/probe/public"))
            .ShouldBeProblemAsync(HttpStatusCode.MethodNotAllowed, ProblemCodes.MethodNotAllowed);
    }

    [Fact]
    public async Task A_fault_of_ours_tells_nothing_but_its_trace()
    {
        using var response = await _host.PostTextAsync(null, "/probe/fails", "");
        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldContain(ProblemCodes.InternalError);
        text.ShouldContain("Trace ");
        text.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_chain_that_does_not_answer_is_unavailable() =>
        await _host.PostTextAsync(null, "/probe/chain", "")
            .ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, ProblemCodes.ChainUnavailable);

    [Fact]
    public async Task An_endpoint_that_does_not_say_who_may_call_it_is_refused_at_the_start()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => CloudHost.StartAsync(new CloudHostOptions
        {
            Map = static routes => routes.MapGet("/open", static () => "open"),
        }));
        failure.Message.ShouldContain("/open");
    }

    private HttpRequestMessage Signed(
        SigningKey key, string target, string body, TimeSpan age = default, string? idempotencyKey = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var parts = new SignedParts(
            "POST",
            query < 0 ? target : target[..query],
            query < 0 ? string.Empty : target[query..],
            bytes,
            idempotencyKey);
        var headers = MessageSignature.Sign(parts, key, new WallTime(TimeProvider.System).UtcNow - age);
        var request = new HttpRequestMessage(HttpMethod.Post, AsItStands(target))
        {
            Content = new ByteArrayContent(bytes),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        request.Headers.Add("Signature-Input", headers.SignatureInput);
        request.Headers.Add("Signature", headers.Signature);
        request.Headers.Add("Content-Digest", headers.ContentDigest);
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return request;
    }

    private Uri AsItStands(string target) => new(
        _host.Address.GetLeftPart(UriPartial.Authority) + target,
        new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private Task<HttpResponseMessage> Send(HttpRequestMessage request) => _host.Client().SendAsync(request);
}
