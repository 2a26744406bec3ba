using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GridTokenX.CloudCore.Api;

internal static class ApiSetup
{
    internal static void AddApi(this WebApplicationBuilder builder, CloudOptions options)
    {
        var api = builder.Configuration.Load<ApiOptions>("Api", ApiOptions.Faults);
        _ = builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // RequestBodyReader holds the limit of each endpoint. With the server's own, a client that is still
            // sending would lose its connection instead of reading the answer; so the server drains what is left, for
            // five seconds at most.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxConcurrentConnections = api.MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = api.MaxConnections;

            // A sender that dawdles is not waited for.
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(1024, TimeSpan.FromSeconds(10));
        });
        builder.AddCrossOrigin();
        if (api.Proxies is { Count: > 0 } proxies)
        {
            _ = builder.Services.Configure<ForwardedHeadersOptions>(forwarded => Trust(forwarded, proxies));
        }

        _ = builder.Services
            .AddSingleton(api)
            .AddSingleton(builder.Configuration.Load<RateLimitOptions>("RateLimits", RateLimitOptions.Faults))
            .AddSingleton<RateLimits>()
            .AddSingleton<RequestMemory>()
            .AddSingleton(new OperatorIdentity(Key32.Parse(options.OperatorKey)))
            .AddSingleton(new FaultCode(
                static exception => exception is HttpRequestException, ProblemCodes.ChainUnavailable))
            .Configure<RouteHandlerOptions>(static handlers => handlers.ThrowOnBadRequest = true)
            .ConfigureHttpJsonOptions(static json => Configure(json.SerializerOptions));
    }

    internal static void UseApi(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetRequiredService<ApiOptions>().Proxies.Count > 0)
        {
            _ = app.UseForwardedHeaders();
        }

        app.UseApiVersion();
        _ = app.UseMiddleware<Faults>().UseWebSockets().UseRouting();
        app.UseCrossOrigin();
        app.UseClockGate();
        _ = app.UseMiddleware<Authentication>().UseMiddleware<AuditTrail>();
    }

    private static void Trust(ForwardedHeadersOptions forwarded, IReadOnlyList<IPAddress> proxies)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var proxy in proxies)
        {
            forwarded.KnownProxies.Add(proxy);
        }
    }

    /// <summary>The handlers' JSON is the protocol's, with nothing of the web defaults' leniency.</summary>
    private static void Configure(JsonSerializerOptions options)
    {
        var protocol = ProtocolJson.Default.Options;
        options.TypeInfoResolverChain.Clear();
        options.TypeInfoResolverChain.Add(ProtocolJson.Default);
        options.PropertyNamingPolicy = protocol.PropertyNamingPolicy;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = protocol.RespectNullableAnnotations;
        options.RespectRequiredConstructorParameters = protocol.RespectRequiredConstructorParameters;
        options.AllowDuplicateProperties = protocol.AllowDuplicateProperties;
        options.MaxDepth = protocol.MaxDepth;
    }
}
