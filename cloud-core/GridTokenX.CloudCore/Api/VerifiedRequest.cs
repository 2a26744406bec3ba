using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace GridTokenX.CloudCore.Api;

/// <summary>What the plumbing has learnt about a request before its handler runs.</summary>
internal sealed record VerifiedRequest(Caller? Caller, ReadOnlyMemory<byte> Body, string? IdempotencyKey);

public static class HttpContextExtensions
{
    private const int UsualHashedBytes = 1024;

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
        var asked = $"{context.Request.Method} {context.Request.Path}\n";
        var body = context.Verified().Body.Span;
        var most = Encoding.UTF8.GetMaxByteCount(asked.Length) + body.Length;

        // At once: a hash that is fed in parts has a state of its own outside, which costs more than what it hashes.
        var rented = most > UsualHashedBytes ? ArrayPool<byte>.Shared.Rent(most) : null;
        var hashed = rented ?? stackalloc byte[UsualHashedBytes];
        var length = Encoding.UTF8.GetBytes(asked, hashed);
        body.CopyTo(hashed[length..]);
        var hash = SHA256.HashData(hashed[..(length + body.Length)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }

    /// <summary>The body as sent; only until the request has been answered.</summary>
    public static ReadOnlyMemory<byte> RequestBody(this HttpContext context) => context.Verified().Body;

    private static VerifiedRequest Verified(this HttpContext context) =>
        context.Features.GetRequiredFeature<VerifiedRequest>();
}
