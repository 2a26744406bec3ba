using System.Buffers;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace GridTokenX.CloudCore.Api;

/// <summary>Which gateways are registered.</summary>
public interface IGatewayRegistry
{
    ValueTask<bool> ContainsAsync(Key32 gateway, CancellationToken cancellationToken);

    /// <summary>To be called when a gateway's registration has been taken back.</summary>
    void Forget(Key32 gateway);
}

/// <summary>
/// Reads the body within its limit, verifies the signature (RFC 9421) where the endpoint is not public, and lets
/// nothing reach a handler that may not.
/// </summary>
internal sealed class Authentication(
    RequestDelegate next,
    WallTime wall,
    OperatorIdentity operatorIdentity,
    DatabaseReadiness database,
    IGatewayRegistry gateways,
    RequestMemory memory,
    RateLimits limits)
{
    private const string SignatureInputHeader = "Signature-Input";
    private const string SignatureHeader = "Signature";
    private const string ContentDigestHeader = "Content-Digest";

    private static readonly SearchValues<char> Printable =
        SearchValues.Create(Enumerable.Range(' ', '~' - ' ' + 1).Select(static c => (char)c).ToArray());

    public async Task InvokeAsync(HttpContext context)
    {
        if (limits.TakeAddress(context) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        if (context.GetEndpoint() is not { } endpoint)
        {
            await Problems.Of(ProblemCodes.NotFound).ExecuteAsync(context);
            return;
        }

        if (endpoint.Metadata.GetMetadata<Access>() is not { } access)
        {
            await AnswerForRoutingAsync(context);
            return;
        }

        if (!database.IsReady && !endpoint.Has(EndpointTrait.WithoutDatabase))
        {
            await Problems.Of(ProblemCodes.DatabaseUnavailable).ExecuteAsync(context);
            return;
        }

        var (request, problem) = await VerifyAsync(context, endpoint, access.Kind);
        if (problem is not null)
        {
            await problem.ExecuteAsync(context);
            return;
        }

        context.Features.Set(request);
        await next(context);
    }

    /// <summary>Routing's own endpoints: the address exists, the method or the media type does not fit.</summary>
    private async Task AnswerForRoutingAsync(HttpContext context)
    {
        await next(context);
        if (context.Response.HasStarted)
        {
            return;
        }

        var problem = context.Response.StatusCode switch
        {
            StatusCodes.Status405MethodNotAllowed => Problems.Of(ProblemCodes.MethodNotAllowed),
            StatusCodes.Status415UnsupportedMediaType =>
                Problems.Of(ProblemCodes.MalformedRequest, "The Content-Type must be application/json."),
            _ => throw new InvalidOperationException("An endpoint without an access rule was reached."),
        };
        await problem.ExecuteAsync(context);
    }

    private async ValueTask<(VerifiedRequest? Request, IResult? Problem)> VerifyAsync(
        HttpContext context, Endpoint endpoint, AccessKind access)
    {
        var headers = context.Request.Headers;
        var signed = access != AccessKind.Public;
        if (signed && (headers[SignatureInputHeader].Count == 0 || headers[SignatureHeader].Count == 0))
        {
            return (null, Problems.Of(ProblemCodes.NotSigned));
        }

        var idempotencyKey = headers[SigningHandler.IdempotencyKeyHeader];
        if (idempotencyKey.Count == 0 && endpoint.Has(EndpointTrait.NeedsIdempotencyKey))
        {
            return (null, Problems.Of(ProblemCodes.IdempotencyKeyRequired));
        }

        if (idempotencyKey.Count > 0 && !IsIdempotencyKey(idempotencyKey))
        {
            return (null, Problems.Of(
                ProblemCodes.MalformedRequest, "An Idempotency-Key has 1 to 100 printable characters."));
        }

        var limit = endpoint.Metadata.GetMetadata<BodyLimit>()?.Bytes ?? BodyLimit.DefaultBytes;
        if (await RequestBodyReader.ReadAsync(context, memory, limit) is not { } body)
        {
            return (null, Problems.Of(ProblemCodes.RequestTooLarge, $"At most {limit} bytes."));
        }

        if (!signed)
        {
            return (new VerifiedRequest(null, body, idempotencyKey), null);
        }

        var outcome = VerifySignature(context, body, idempotencyKey, out var key);
        if (outcome != SignatureOutcome.Valid)
        {
            return (null, Problems.Of(CodeOf(outcome)));
        }

        if (limits.TakeSigner(context, key) is { } refusal)
        {
            return (null, refusal);
        }

        var kind = await KindAsync(context, access, key);
        return kind == CallerKind.None
            ? (null, Problems.Of(ProblemCodes.Forbidden))
            : (new VerifiedRequest(new Caller(key, kind), body, idempotencyKey), null);
    }

    private SignatureOutcome VerifySignature(
        HttpContext context, ReadOnlyMemory<byte> body, string? idempotencyKey, out Key32 key)
    {
        key = default;
        var headers = context.Request.Headers;
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith('/')
            || headers[SignatureInputHeader].Count != 1
            || headers[SignatureHeader].Count != 1
            || headers[ContentDigestHeader].Count > 1)
        {
            return SignatureOutcome.Malformed;
        }

        var queryStart = target.IndexOf('?', StringComparison.Ordinal);
        var path = queryStart < 0 ? target : target[..queryStart];
        var query = queryStart < 0 ? string.Empty : target[queryStart..];
        var parts = new SignedParts(context.Request.Method, path, query, body, idempotencyKey);
        var signature = new SignatureHeaders(
            headers[SignatureInputHeader].ToString(),
            headers[SignatureHeader].ToString(),
            headers[ContentDigestHeader].Count == 0 ? null : headers[ContentDigestHeader].ToString());
        return MessageSignature.Verify(parts, signature, wall.UtcNow, MessageSignature.DefaultTolerance, out key);
    }

    /// <summary>What the signer is to this endpoint; none when it may not call it.</summary>
    private async ValueTask<CallerKind> KindAsync(HttpContext context, AccessKind access, Key32 key)
    {
        var isOperator = key == operatorIdentity.Key;
        switch (access)
        {
            case AccessKind.Wallet:
                return isOperator ? CallerKind.Operator : CallerKind.Wallet;
            case AccessKind.Operator:
                return isOperator ? CallerKind.Operator : CallerKind.None;
            case AccessKind.AnyGateway:
                return context.GetRouteValue("gateway") as string == key.ToString()
                    ? CallerKind.Gateway
                    : CallerKind.None;
            case AccessKind.Gateway:
                var named = context.GetRouteValue("gateway") as string;
                return (named is null || named == key.ToString())
                    && await gateways.ContainsAsync(key, context.RequestAborted)
                        ? CallerKind.Gateway
                        : CallerKind.None;
            default:
                return CallerKind.None;
        }
    }

    private static bool IsIdempotencyKey(StringValues header) =>
        header.Count == 1
        && header[0] is { Length: >= 1 and <= 100 } value
        && !value.AsSpan().ContainsAnyExcept(Printable);

    private static string CodeOf(SignatureOutcome outcome) => outcome switch
    {
        SignatureOutcome.Missing => ProblemCodes.NotSigned,
        SignatureOutcome.NotFresh => ProblemCodes.SignatureNotFresh,
        SignatureOutcome.DigestMismatch => ProblemCodes.DigestMismatch,
        SignatureOutcome.BadSignature => ProblemCodes.BadSignature,
        _ => ProblemCodes.MalformedSignature,
    };
}

/// <summary>Whose requests may do what nobody else's may.</summary>
internal sealed record OperatorIdentity(Key32 Key);
