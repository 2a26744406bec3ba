using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using GridTokenX.Protocol.Json;
using Microsoft.Net.Http.Headers;

namespace GridTokenX.CloudCore.Api;

/// <summary>ETags (RFC 9110) for what is polled: who has the newest already gets 304 and no body.</summary>
internal static class EntityTags
{
    internal static RouteHandlerBuilder WithETag(this RouteHandlerBuilder builder) =>
        builder.AddEndpointFilter(static async (context, next) =>
        {
            var result = await next(context);
            return result is IValueHttpResult { Value: { } value }
                && result is not IStatusCodeHttpResult { StatusCode: not StatusCodes.Status200OK }
                    ? TaggedBody.Of(value).AnswerTo(context.HttpContext)
                    : result;
        });
}

/// <summary>An answer's JSON and its tag; may be shared by many answers.</summary>
internal sealed class TaggedBody
{
    private const int HashBytes = 16;

    private readonly byte[] _body;
    private readonly EntityTagHeaderValue _tag;

    private TaggedBody(byte[] body)
    {
        _body = body;
        _tag = new EntityTagHeaderValue(
            $"\"{Base64Url.EncodeToString(SHA256.HashData(body).AsSpan(0, HashBytes))}\"");
    }

    internal static TaggedBody Of(object value) => new(JsonSerializer.SerializeToUtf8Bytes(
        value, ProtocolJson.Default.GetTypeInfo(value.GetType())
            ?? throw new InvalidOperationException($"{value.GetType()} is not in ProtocolJson.")));

    internal IResult AnswerTo(HttpContext context)
    {
        var headers = context.Response.GetTypedHeaders();
        headers.ETag = _tag;
        headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        var known = context.Request.GetTypedHeaders().IfNoneMatch;
        return known.Any(other =>
            other.Equals(EntityTagHeaderValue.Any) || other.Compare(_tag, useStrongComparison: false))
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(_body, "application/json; charset=utf-8");
    }
}
