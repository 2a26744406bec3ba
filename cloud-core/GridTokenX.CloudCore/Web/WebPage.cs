using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Api;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace GridTokenX.CloudCore.Web;

/// <summary>
/// Serves the web page. Its addresses are the places that the page's own router knows; everything else is a 404, so
/// that a mistyped address of the API never answers with a page.
/// </summary>
internal static class WebPage
{
    // Only our own files and our own server, beside the chain; nobody may frame the page.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'; connect-src 'self' ";

    // A name says what is in the file: it never changes.
    private const string ForEver = "public, max-age=31536000, immutable";

    private static readonly string[] Places =
    [
        "/", "/energy", "/neighbourhood", "/operations", "/sign-in", "/explorer", "/explorer/tx/{name}",
        "/explorer/account/{name}",
    ];

    internal static void AddWebPage(this IServiceCollection services, IConfiguration configuration) => _ = services
        .AddSingleton(configuration.Load<WebOptions>("Web", WebOptions.Faults))
        .AddSingleton<NeighbourhoodQuery>()
        .AddSingleton(static _ => PageFiles.Load());

    internal static void MapWebPage(this IEndpointRouteBuilder routes)
    {
        WebEndpoints.Map(routes);
        foreach (var place in Places)
        {
            _ = routes.MapMethods(place, [HttpMethods.Get, HttpMethods.Head], Index)
                .AllowPublic().WithoutDatabase().WithoutMarketTime().ExcludeFromDescription();
        }

        _ = routes.MapMethods("/assets/{name}", [HttpMethods.Get, HttpMethods.Head], Asset)
            .AllowPublic().WithoutDatabase().WithoutMarketTime().ExcludeFromDescription();
    }

    private static IResult Index(HttpContext context, PageFiles files, SolanaOptions solana)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy + new Uri(solana.RpcUrlOfClients).GetLeftPart(UriPartial.Authority);
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        return Answer(context, files.Find(PageFiles.Index), "no-cache");
    }

    private static IResult Asset(string name, HttpContext context, PageFiles files) =>
        Answer(context, files.Find($"assets/{name}"), name == "icon.svg" ? "public, max-age=86400" : ForEver);

    private static IResult Answer(HttpContext context, PageFile? file, string cacheControl)
    {
        if (file is null)
        {
            return Problems.Of(ProblemCodes.NotFound);
        }

        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = cacheControl;
        headers.Vary = HeaderNames.AcceptEncoding;
        var (content, encoding) = Choose(file, context.Request.Headers.AcceptEncoding);
        if (encoding is not null)
        {
            headers.ContentEncoding = encoding;
        }

        return Results.Bytes(content, file.ContentType, entityTag: new EntityTagHeaderValue(file.ETag, isWeak: true));
    }

    private static (ReadOnlyMemory<byte> Content, string? Encoding) Choose(PageFile file, StringValues accepted)
    {
        if (file.Brotli is { } brotli && Accepts(accepted, "br"))
        {
            return (brotli, "br");
        }

        return file.Gzip is { } gzip && Accepts(accepted, "gzip") ? (gzip, "gzip") : (file.Plain, null);
    }

    private static bool Accepts(StringValues accepted, string encoding) =>
        StringWithQualityHeaderValue.TryParseList(accepted, out var offers)
        && offers.Any(offer => offer.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && offer.Quality != 0);
}
