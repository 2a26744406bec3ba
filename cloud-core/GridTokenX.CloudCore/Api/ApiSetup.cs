using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Api;

internal static class ApiSetup
{
    private const int MaxConnections = 10_000;

    internal static void AddApi(this WebApplicationBuilder builder, CloudOptions options)
    {
        _ = builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;

            // RequestBodyReader holds the limit of each endpoint. With the server's own, a client that is still
            // sending would lose its connection instead of reading the answer; so the server drains what is left, for
            // five seconds at most.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        });
        builder.AddCrossOrigin();
        _ = builder.Services
            .AddSingleton(new OperatorIdentity(Key32.Parse(options.OperatorKey)))
            .AddSingleton(new FaultCode(
                static exception => exception is HttpRequestException, ProblemCodes.ChainUnavailable))
            .Configure<RouteHandlerOptions>(static handlers => handlers.ThrowOnBadRequest = true)
            .ConfigureHttpJsonOptions(static json => Configure(json.SerializerOptions));
    }

    internal static void UseApi(this IApplicationBuilder app)
    {
        app.UseApiVersion();
        _ = app.UseMiddleware<Faults>().UseWebSockets().UseRouting();
        app.UseCrossOrigin();
        app.UseClockGate();
        _ = app.UseMiddleware<Authentication>().UseMiddleware<AuditTrail>();
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
