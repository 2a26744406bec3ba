using System.Buffers;
using GridTokenX.CloudCore.Accounts;
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
    DatabaseReadiness database,
    IGatewayRegistry gateways,
    Callers callers,
    RequestMemory memory,
    RateLimits limits)
{
    private const string SignatureInputHeader = "Signature-Input";
    private const string SignatureHeader = "Signature";
    private const string ContentDigestHeader = "Content-Digest";

    private static readonly SearchValues<char> Printable =
        SearchValues.Create(Enumerable.Range(' ', '~' - ' ' + 1).Select(static c => (char)c).ToArray());

    public Task InvokeAsync(HttpContext context)
    {
        if (limits.TakeAddress(context) is { } refusal)
        {
            return refusal.ExecuteAsync(context);
        }

        if (context.GetEndpoint() is not { } endpoint)
        {
            return Problems.Of(ProblemCodes.NotFound).ExecuteAsync(context);
        }

        if (endpoint.Metadata.GetMetadata<Access>() is not { } access)
        {
            return AnswerForRoutingAsync(context);
        }

        if (!database.IsReady && !endpoint.Has(EndpointTrait.WithoutDatabase))
        {
            return Problems.Of(ProblemCodes.DatabaseUnavailable).ExecuteAsync(context);
        }

        return VerifyAndGoOnAsync(context, endpoint, access.Kind);
    }

    private async Task VerifyAndGoOnAsync(HttpContext context, Endpoint endpoint, AccessKind access)
    {
        var (request, problem) = await VerifyAsync(context, endpoint, access);
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
        var isUnsigned = headers[SignatureInputHeader].Count == 0 || headers[SignatureHeader].Count == 0;
        var token = signed && isUnsigned ? Callers.TokenOf(headers) : null;
        if (signed && isUnsigned && token is null)
        {
            return (null, Problems.Of(ProblemCodes.NotSigned));
        }

        if (token is not null && endpoint.Has(EndpointTrait.NeedsSignature))
        {
            return (null, Problems.Of(ProblemCodes.SignatureRequired));
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

        if (token is not null)
        {
            var (bearer, code) = await callers.OfTokenAsync(token, access, context.RequestAborted);
            if (bearer is null)
            {
                return (null, Problems.Of(code ?? ProblemCodes.Forbidden));
            }

            return limits.TakeSigner(context, bearer.Key) is { } tooMany
                ? (null, tooMany)
                : (new VerifiedRequest(bearer, body, idempotencyKey), null);
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

        var caller = access is AccessKind.Gateway or AccessKind.AnyGateway
            ? await GatewayAsync(context, access, key)
            : await callers.OfSignatureAsync(key, access, context.RequestAborted);
        return caller is null
            ? (null, Problems.Of(ProblemCodes.Forbidden))
            : (new VerifiedRequest(caller, body, idempotencyKey), null);
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

    /// <summary>Null when the signer is not the gateway of this address.</summary>
    private async ValueTask<Caller?> GatewayAsync(HttpContext context, AccessKind access, Key32 key)
    {
        var named = context.GetRouteValue("gateway") as string;
        var isThis = named == key.ToString() || (named is null && access == AccessKind.Gateway);
        return isThis
            && (access == AccessKind.AnyGateway || await gateways.ContainsAsync(key, context.RequestAborted))
                ? new Caller(key, CallerKind.Gateway)
                : null;
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
