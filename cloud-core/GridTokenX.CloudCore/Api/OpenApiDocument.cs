// OpenAPI 3.1.1: https://spec.openapis.org/oas/v3.1.1.html

using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace GridTokenX.CloudCore.Api;

/// <summary>
/// The document of what is mapped: addresses, parameters, bodies and who may call come from the endpoints themselves,
/// the schemas from the messages, and only sentences, answers and codes from <see cref="OpenApiOperations"/>.
/// </summary>
internal sealed class OpenApiDocument(EndpointDataSource endpoints, IServiceProvider services)
{
    private const string Json = "application/json";
    private const string ProblemJson = "application/problem+json";

    private readonly Lazy<byte[]> _bytes = new(() => Write(
        endpoints, services.GetService<Simulation.MarketClock>() is not null));

    internal ReadOnlyMemory<byte> Bytes => _bytes.Value;

    /// <summary>An address without the constraints of its parameters.</summary>
    internal static string PathOf(RouteEndpoint endpoint)
    {
        var parts = endpoint.RoutePattern.PathSegments.Select(static segment => string.Concat(segment.Parts.Select(
            static part => part switch
            {
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
                _ => string.Empty,
            })));
        return $"/{string.Join('/', parts)}";
    }

    /// <summary>Whether the document speaks of it: all but the page's own files and addresses.</summary>
    internal static bool IsOperation(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<Access>() is not null
        && endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null;

    internal static IReadOnlyList<string> MethodsOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods: { Count: > 0 } methods }
            ? methods
            : [HttpMethods.Get];

    private static byte[] Write(EndpointDataSource endpoints, bool hasMarketTime)
    {
        var schemas = new OpenApiSchemas();
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var endpoint in endpoints.Endpoints.OfType<RouteEndpoint>().Where(IsOperation))
        {
            var access = endpoint.Metadata.GetRequiredMetadata<Access>();
            var path = PathOf(endpoint);
            foreach (var method in MethodsOf(endpoint))
            {
                if (!paths.TryGetValue(path, out var operations))
                {
                    operations = new JsonObject();
                    paths.Add(path, operations);
                }

                operations[method.ToLowerInvariant()] = Operation(
                    endpoint, access.Kind, method, path, schemas, hasMarketTime);
            }
        }

        _ = schemas.Reference(typeof(Problem));
        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "GridTokenX",
                ["version"] = ApiVersion.Current,
                ["description"] = "Energy between neighbours. Units, signatures and live data: docs/PROTOCOL.md.",
            },
            ["paths"] = new JsonObject(paths.Select(
                static path => KeyValuePair.Create<string, JsonNode?>(path.Key, path.Value))),
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.All(),
                ["securitySchemes"] = SecuritySchemes(),
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes<JsonNode>(document, JsonSerializerOptions.Web);
    }

    private static JsonObject Operation(
        RouteEndpoint endpoint,
        AccessKind access,
        string method,
        string path,
        OpenApiSchemas schemas,
        bool hasMarketTime)
    {
        var described = OpenApiOperations.Of(method, path) ?? new ApiOperation($"{method} {path}", null);
        var body = described.Body ?? endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        var parameters = Parameters(endpoint);
        var operation = new JsonObject
        {
            ["operationId"] = IdOf(method, path),
            ["summary"] = described.Summary,
            ["tags"] = new JsonArray(TagOf(path)),
            ["security"] = Security(endpoint, access),
        };
        if (parameters.Count > 0)
        {
            operation["parameters"] = parameters;
        }

        if (body is not null)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = Content(Json, schemas.Reference(body)),
            };
        }

        operation["responses"] = Responses(
            described,
            Codes(endpoint, access, described, body is not null, parameters.Count > 0, hasMarketTime),
            schemas);
        return operation;
    }

    private static JsonObject Responses(ApiOperation described, List<string> codes, OpenApiSchemas schemas)
    {
        var responses = new JsonObject();
        foreach (var status in new[] { described.Status, described.OtherStatus ?? described.Status }.Distinct())
        {
            var answer = new JsonObject { ["description"] = described.Summary };
            if (described.Answer is { } type)
            {
                answer["content"] = Content(Json, schemas.Reference(type));
            }
            else if (described.MediaType is { } media)
            {
                answer["content"] = Content(media, new JsonObject { ["type"] = "string" });
            }

            responses[Text(status)] = answer;
        }

        foreach (var group in codes.Distinct(StringComparer.Ordinal).GroupBy(Problems.StatusOf)
            .OrderBy(static group => group.Key))
        {
            var names = group.Order(StringComparer.Ordinal).ToArray();
            responses[Text(group.Key)] = new JsonObject
            {
                ["description"] = string.Join(" ", names.Select(static code => $"`{code}`: {Problems.TitleOf(code)}")),
                ["content"] = Content(ProblemJson, new JsonObject
                {
                    ["allOf"] = new JsonArray(
                        schemas.Reference(typeof(Problem)),
                        new JsonObject
                        {
                            ["properties"] = new JsonObject
                            {
                                ["code"] = new JsonObject
                                {
                                    ["enum"] = new JsonArray([.. names.Select(static code => JsonValue.Create(code))]),
                                },
                            },
                        }),
                }),
            };
        }

        return responses;
    }

    private static List<string> Codes(
        RouteEndpoint endpoint,
        AccessKind access,
        ApiOperation described,
        bool hasBody,
        bool hasParameters,
        bool hasMarketTime)
    {
        List<string> codes =
            [.. described.Codes, ProblemCodes.InternalError, ProblemCodes.TooManyRequests, ProblemCodes.Overloaded];
        if (access != AccessKind.Public)
        {
            codes.AddRange(
            [
                ProblemCodes.NotSigned, ProblemCodes.MalformedSignature, ProblemCodes.SignatureNotFresh,
                ProblemCodes.DigestMismatch, ProblemCodes.BadSignature, ProblemCodes.TokenInvalid,
            ]);
        }

        if (access is AccessKind.Operator or AccessKind.Admin or AccessKind.Gateway or AccessKind.AnyGateway)
        {
            codes.Add(ProblemCodes.Forbidden);
        }

        if (endpoint.Has(EndpointTrait.NeedsIdempotencyKey))
        {
            codes.AddRange([ProblemCodes.IdempotencyKeyRequired, ProblemCodes.IdempotencyKeyReused]);
        }

        if (hasBody || hasParameters)
        {
            codes.AddRange([ProblemCodes.MalformedRequest, ProblemCodes.RequestTooLarge]);
        }

        if (endpoint.RoutePattern.Parameters.Any(static parameter => parameter.ParameterPolicies.Count > 0))
        {
            codes.Add(ProblemCodes.NotFound);
        }

        if (!endpoint.Has(EndpointTrait.WithoutDatabase))
        {
            codes.Add(ProblemCodes.DatabaseUnavailable);
        }

        if (hasMarketTime && !endpoint.Has(EndpointTrait.WithoutMarketTime))
        {
            codes.Add(ProblemCodes.ClockNotSet);
        }

        return codes;
    }

    private static JsonArray Parameters(RouteEndpoint endpoint)
    {
        var declared = endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [];
        var parameters = new JsonArray();
        foreach (var name in endpoint.RoutePattern.Parameters.Select(static part => part.Name))
        {
            var type = Array.Find(declared, parameter => parameter.Name == name)?.ParameterType ?? typeof(string);
            parameters.Add(Parameter(name, "path", true, OpenApiSchemas.OfParameter(type)!));
        }

        foreach (var parameter in declared)
        {
            var name = parameter.GetCustomAttribute<FromQueryAttribute>()?.Name ?? parameter.Name!;
            if (OpenApiSchemas.OfParameter(parameter.ParameterType) is { } schema
                && endpoint.RoutePattern.GetParameter(name) is null)
            {
                parameters.Add(Parameter(name, "query", false, schema));
            }
        }

        if (endpoint.Has(EndpointTrait.NeedsIdempotencyKey))
        {
            parameters.Add(Parameter(
                SigningHandler.IdempotencyKeyHeader,
                "header",
                true,
                new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 100 }));
        }

        return parameters;
    }

    private static JsonObject Parameter(string name, string place, bool isRequired, JsonObject schema) => new()
    {
        ["name"] = name,
        ["in"] = place,
        ["required"] = isRequired,
        ["schema"] = schema,
    };

    private static JsonArray Security(RouteEndpoint endpoint, AccessKind access)
    {
        if (access == AccessKind.Public)
        {
            return new JsonArray();
        }

        var signature = new JsonObject { ["signature"] = new JsonArray() };
        return access is AccessKind.Gateway or AccessKind.AnyGateway || endpoint.Has(EndpointTrait.NeedsSignature)
            ? new JsonArray(signature)
            : new JsonArray(signature, new JsonObject { ["token"] = new JsonArray() });
    }

    private static JsonObject SecuritySchemes() => new()
    {
        ["signature"] = new JsonObject
        {
            ["type"] = "apiKey",
            ["in"] = "header",
            ["name"] = "Signature",
            ["description"] = "HTTP Message Signatures (RFC 9421), ed25519: see docs/PROTOCOL.md.",
        },
        ["token"] = new JsonObject
        {
            ["type"] = "http",
            ["scheme"] = "bearer",
            ["bearerFormat"] = "JWT",
            ["description"] = "The access token of /api/auth/wallet, /password or /refresh.",
        },
    };

    private static JsonObject Content(string media, JsonNode schema) =>
        new() { [media] = new JsonObject { ["schema"] = schema } };

    private static string IdOf(string method, string path) =>
        $"{method.ToLowerInvariant()}{string.Concat(path.Split('/', '-', '.', '{', '}')
            .Where(static part => part.Length > 0)
            .Select(static part => char.ToUpperInvariant(part[0]) + part[1..]))}";

    private static string TagOf(string path) =>
        path.StartsWith("/api/", StringComparison.Ordinal) ? path.Split('/')[2].Split('.')[0] : "server";

    private static string Text(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

internal static class OpenApiSetup
{
    internal static void AddOpenApi(this IServiceCollection services) => _ = services.AddSingleton<OpenApiDocument>();

    internal static void MapOpenApi(this IEndpointRouteBuilder routes) => _ = routes.MapGet(
        "/api/openapi.json",
        static (OpenApiDocument document) => Results.Bytes(document.Bytes, "application/json"))
        .AllowPublic().WithoutDatabase().WithoutMarketTime();
}
