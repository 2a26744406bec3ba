using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace GridTokenX.CloudCore.Api;

/// <summary>What the plumbing has learnt about a request before its handler runs.</summary>
internal sealed record VerifiedRequest(Caller? Caller, ReadOnlyMemory<byte> Body, string? IdempotencyKey);

public static class HttpContextExtensions
{
    /// <summary>The verified signer.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is public: nobody signed.</exception>
    public static Caller Caller(this HttpContext context) =>
        context.Verified().Caller ?? throw new InvalidOperationException("A public endpoint has no caller.");

    /// <summary>1–100 printable characters.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not require one, and none was sent.</exception>
    public static string IdempotencyKey(this HttpContext context) =>
        context.Verified().IdempotencyKey
        ?? throw new InvalidOperationException("The endpoint lacks RequireIdempotencyKey.");

    /// <summary>
    /// SHA-256 of what is asked for: method, path and the body as sent. The same body at another endpoint is another
    /// request.
    /// </summary>
    public static byte[] RequestHash(this HttpContext context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{context.Request.Method} {context.Request.Path}\n"));
        hash.AppendData(context.Verified().Body.Span);
        return hash.GetHashAndReset();
    }

    /// <summary>The body as sent; only until the request has been answered.</summary>
    public static ReadOnlyMemory<byte> RequestBody(this HttpContext context) => context.Verified().Body;

    private static VerifiedRequest Verified(this HttpContext context) =>
        context.Features.GetRequiredFeature<VerifiedRequest>();
}
