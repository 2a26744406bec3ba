using GridTokenX.CloudCore.Accounts;
using GridTokenX.Protocol.Http;

namespace GridTokenX.CloudCore.Api;

/// <summary>Section <c>Cors</c>: which other sites' pages may call this server; none unless named.</summary>
internal sealed record CrossOriginOptions
{
    private const int MaxOrigins = 100;

    /// <summary>Such as <c>https://page.example</c>, one setting each: <c>Cors:Origins:0</c>.</summary>
    public string[] Origins { get; init; } = [];

    internal static IEnumerable<string> Faults(CrossOriginOptions options)
    {
        if (options.Origins.Length > MaxOrigins)
        {
            yield return $"{nameof(Origins)}: at most {MaxOrigins}.";
        }

        foreach (var origin in options.Origins.Where(static origin =>
            !Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            || uri.GetLeftPart(UriPartial.Authority) != origin))
        {
            yield return $"{nameof(Origins)}: {origin} is not http[s]://host[:port].";
        }
    }
}

internal static class CrossOrigin
{
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    internal static void AddCrossOrigin(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.Load<CrossOriginOptions>("Cors", CrossOriginOptions.Faults);
        _ = builder.Services.AddSingleton(options);
        if (options.Origins.Length == 0)
        {
            return;
        }

        _ = builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(options.Origins)
            .WithMethods("GET", "POST", "PUT", "DELETE")
            .WithHeaders(
                "Authorization",
                "Content-Type",
                "Content-Digest",
                "If-None-Match",
                "Last-Event-ID",
                "Signature",
                "Signature-Input",
                SessionCookies.CsrfHeader,
                SigningHandler.IdempotencyKeyHeader)
            .WithExposedHeaders(
                "ETag",
                "Retry-After",
                "Next-Cursor",
                RateLimits.Header,
                RateLimits.PolicyHeader,
                ApiVersion.Header)
            .AllowCredentials()
            .SetPreflightMaxAge(PreflightAge)));
    }

    internal static void UseCrossOrigin(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetRequiredService<CrossOriginOptions>().Origins.Length > 0)
        {
            _ = app.UseCors();
        }
    }
}

/// <summary>Which API answers; see docs/PROTOCOL.md for what may change within a version.</summary>
internal static class ApiVersion
{
    internal const string Header = "Api-Version";
    internal const string Current = "1";

    internal static void UseApiVersion(this IApplicationBuilder app) => _ = app.Use(static (context, next) =>
    {
        context.Response.Headers[Header] = Current;
        return next(context);
    });
}
