using System.Net;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Gateways;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Api;

public sealed class LimitTests
{
    // Stands still, so that nothing is allowed anew while the test runs.
    private readonly SteppedTime _wall = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_signer_over_its_limit_is_told_when_to_come_back_and_no_other_suffers()
    {
        await using var host = await StartAsync(("RateLimits:SignerPerSecond", "1"), ("RateLimits:SignerBurst", "5"));
        using var eager = SigningKey.Generate();
        using var other = SigningKey.Generate();
        for (var i = 0; i < 5; i++)
        {
            await host.PostTextAsync(eager, "/probe", "").ShouldBeStatusAsync(HttpStatusCode.OK);
        }

        using (var response = await host.PostTextAsync(eager, "/probe", ""))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
            response.Headers.GetValues("RateLimit").ShouldBe(["\"signer\";r=0;t=1"]);
            response.Headers.GetValues("RateLimit-Policy").ShouldBe(["\"signer\";q=5"]);
            (await response.Content.ReadAsStringAsync()).ShouldContain($"\"{ProblemCodes.TooManyRequests}\"");
        }

        await host.PostTextAsync(other, "/probe", "").ShouldBeStatusAsync(HttpStatusCode.OK);
        _wall.Advance(TimeSpan.FromSeconds(1));
        await host.PostTextAsync(eager, "/probe", "").ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_address_over_its_limit_is_turned_away_before_anything_is_verified()
    {
        await using var host = await StartAsync(
            ("RateLimits:AddressPerSecond", "1"), ("RateLimits:AddressBurst", "20"));
        HttpStatusCode[] answers = [.. await Task.WhenAll(Enumerable.Range(0, 30).Select(async _ =>
        {
            using var response = await host.GetAsync(null, "/nothing");
            return response.StatusCode;
        }))];

        answers.ShouldBeSubsetOf([HttpStatusCode.NotFound, HttpStatusCode.TooManyRequests]);
        answers.Count(static status => status == HttpStatusCode.NotFound).ShouldBe(19);
        await host.PostTextAsync(null, "/probe", "")
            .ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, ProblemCodes.TooManyRequests);
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_the_caller_is_who_the_proxy_says()
    {
        await using var host = await StartAsync(
            ("RateLimits:AddressPerSecond", "1"),
            ("RateLimits:AddressBurst", "10"),
            ("Api:TrustedProxies", "127.0.0.1"));
        async Task<HttpStatusCode> FromAsync(string caller)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/nothing");
            request.Headers.Add("X-Forwarded-For", caller);
            using var response = await host.Client().SendAsync(request);
            return response.StatusCode;
        }

        for (var i = 0; i < 10; i++)
        {
            (await FromAsync("192.0.2.7")).ShouldBe(HttpStatusCode.NotFound);
        }

        (await FromAsync("192.0.2.7")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await FromAsync("192.0.2.8")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_gateway_is_remembered_for_a_moment_and_forgotten_at_once()
    {
        await using var host = await StartAsync();
        using var home = await VirtualHome.RegisteredAsync(host);
        using var gateway = SigningKey.Generate();
        var source = host.Services.GetRequiredService<NpgsqlDataSource>();
        var registry = new GatewayRegistry(source, new WallTime(_wall));
        async Task ExecuteAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            _ = command.Parameters.AddWithValue(gateway.PublicKey.ToArray());
            (await command.ExecuteNonQueryAsync()).ShouldBe(1);
        }

        (await registry.ContainsAsync(gateway.PublicKey, CancellationToken.None)).ShouldBeFalse();
        await ExecuteAsync("insert into gateways (gateway, name, created_at) values ($1, 'g', now())");
        (await registry.ContainsAsync(gateway.PublicKey, CancellationToken.None)).ShouldBeTrue();
        await ExecuteAsync("delete from gateways where gateway = $1");
        (await registry.ContainsAsync(gateway.PublicKey, CancellationToken.None)).ShouldBeTrue();
        registry.Forget(gateway.PublicKey);
        (await registry.ContainsAsync(gateway.PublicKey, CancellationToken.None)).ShouldBeFalse();

        (await registry.ContainsAsync(home.Gateway.PublicKey, CancellationToken.None)).ShouldBeTrue();
        _wall.Advance(GatewayRegistry.Remembered);
        (await registry.ContainsAsync(home.Gateway.PublicKey, CancellationToken.None)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("RateLimits:SignerBurst", "0")]
    [InlineData("RateLimits:AddressPerSecond", "-1")]
    [InlineData("Api:TrustedProxies", "proxy.example")]
    [InlineData("Api:MaxBodyBytesInHand", "1")]
    [InlineData("Ingest:MaxReadingsInHand", "499")]
    [InlineData("Metrics:OtlpEndpoint", "ftp://example")]
    public async Task A_limit_without_sense_stops_the_start(string setting, string value)
    {
        var failure = await Should.ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => StartAsync((setting, value)));
        failure.Message.ShouldContain(setting);
    }

    private Task<CloudHost> StartAsync(params (string Name, string Value)[] settings) =>
        CloudHost.StartAsync(new CloudHostOptions
        {
            Clock = _wall,
            Settings = settings.ToDictionary(static s => s.Name, static s => s.Value),
            Map = static routes => routes.MapPost("/probe", static () => "ok").RequireWallet(),
        });
}
