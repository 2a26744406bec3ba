using System.Net;
using System.Text.RegularExpressions;

namespace GridTokenX.CloudCore.Tests.Web;

public sealed partial class WebPageTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/energy")]
    [InlineData("/neighbourhood")]
    [InlineData("/operations")]
    [InlineData("/sign-in")]
    [InlineData("/explorer")]
    [InlineData("/explorer/tx/abc")]
    [InlineData("/explorer/account/abc")]
    public async Task Every_place_of_the_page_answers_with_it_and_lets_only_its_own_files_run(string place)
    {
        await using var host = await CloudHost.StartAsync();
        using var client = Client(host);
        using var response = await client.GetAsync(new Uri(place, UriKind.Relative));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("script-src 'self';");
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldEndWith("connect-src 'self' http://127.0.0.1:1");
        response.Headers.CacheControl!.NoCache.ShouldBeTrue();
    }

    [Fact]
    public async Task It_asks_the_rpc_that_clients_are_told_of_and_not_our_own()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Solana:PublicRpcUrl"] = "https://rpc.example/solana" },
        });
        using var client = Client(host);
        using var response = await client.GetAsync(new Uri("/explorer", UriKind.Relative));
        response.Headers.GetValues("Content-Security-Policy").Single()
            .ShouldEndWith("connect-src 'self' https://rpc.example");
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("identity", null)]
    public async Task Its_files_come_packed_as_the_browser_likes_and_never_change(string accepts, string? packed)
    {
        await using var host = await CloudHost.StartAsync();
        using var client = Client(host);
        var index = await client.GetStringAsync(new Uri("/", UriKind.Relative));
        foreach (var asset in Assets().Matches(index).Select(static match => match.Value))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, asset);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepts).ShouldBeTrue();
            using var response = await client.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Content.Headers.ContentEncoding.SingleOrDefault().ShouldBe(packed);
            response.Headers.CacheControl!.ToString().ShouldContain("max-age");
            response.Headers.Vary.ShouldContain("Accept-Encoding");
        }
    }

    [Fact]
    public async Task What_the_browser_has_already_is_not_sent_again()
    {
        await using var host = await CloudHost.StartAsync();
        using var client = Client(host);
        using var first = await client.GetAsync(new Uri("/", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await client.SendAsync(request);
        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/assets/nothing.js")]
    [InlineData("/assets/..%2findex.html")]
    [InlineData("/api/nothing")]
    public async Task Anything_else_is_not_found(string place)
    {
        await using var host = await CloudHost.StartAsync();
        using var client = Client(host);
        using var response = await client.GetAsync(new Uri(place, UriKind.Relative));
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        response.Content.Headers.ContentType?.MediaType.ShouldNotBe("text/html");
    }

    [Fact]
    public async Task The_first_view_needs_no_more_than_200_kilobytes()
    {
        await using var host = await CloudHost.StartAsync();
        using var client = Client(host);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", "br").ShouldBeTrue();
        using var index = await client.GetAsync(new Uri("/", UriKind.Relative));
        var size = (await index.Content.ReadAsByteArrayAsync()).Length;
        using var plain = Client(host);
        foreach (var asset in Assets().Matches(await plain.GetStringAsync(new Uri("/", UriKind.Relative)))
            .Select(static match => match.Value))
        {
            size += (await client.GetByteArrayAsync(new Uri(asset, UriKind.Relative))).Length;
        }

        size.ShouldBeLessThan(200 * 1024);
    }

    private static HttpClient Client(CloudHost host) => new() { BaseAddress = host.Address };

    [GeneratedRegex(@"/assets/[\w.]+", RegexOptions.NonBacktracking)]
    private static partial Regex Assets();
}
