using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using GridTokenX.Protocol.Json;
using Microsoft.Net.Http.Headers;

namespace GridTokenX.CloudCore.Api;

/// <summary>ETags (RFC 9110) for what is polled: who has the newest already gets 304 and no body.</summary>
internal static class EntityTags
{
    private const int HashBytes = 16;

    internal static RouteHandlerBuilder WithETag(this RouteHandlerBuilder builder) =>
        builder.AddEndpointFilter(static async (context, next) =>
        {
            var result = await next(context);
            return result is IValueHttpResult { Value: { } value }
                && result is not IStatusCodeHttpResult { StatusCode: not StatusCodes.Status200OK }
                    ? Answer(context.HttpContext, value)
                    : result;
        });

    private static IResult Answer(HttpContext context, object value)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            value, ProtocolJson.Default.GetTypeInfo(value.GetType())
                ?? throw new InvalidOperationException($"{value.GetType()} is not in ProtocolJson."));
        var tag = new EntityTagHeaderValue(
            $"\"{Base64Url.EncodeToString(SHA256.HashData(body).AsSpan(0, HashBytes))}\"");
        var headers = context.Response.GetTypedHeaders();
        headers.ETag = tag;
        headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        var known = context.Request.GetTypedHeaders().IfNoneMatch;
        return known.Any(other =>
            other.Equals(EntityTagHeaderValue.Any) || other.Compare(tag, useStrongComparison: false))
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(body, "application/json; charset=utf-8");
    }
}
