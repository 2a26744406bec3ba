// HTTP Message Signatures, RFC 9421, with ed25519, and Content-Digest, RFC 9530, with sha-256. Covered: "@method"
// "@path" "@query", "content-digest" when there is a body, "idempotency-key" when that header is sent.

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Http;

/// <summary>
/// What of a request is signed. Path and query as they stand in the request line, percent-encoding included.
/// </summary>
/// <param name="Method">Upper case.</param>
/// <param name="Path">From the first slash on.</param>
/// <param name="Query">With its question mark; empty or "?" for none.</param>
/// <param name="Body">The content as sent (after compression); empty for none.</param>
/// <param name="IdempotencyKey">The header's value; null when it is not sent.</param>
public readonly record struct SignedParts(
    string Method, string Path, string Query, ReadOnlyMemory<byte> Body, string? IdempotencyKey);

/// <summary>The headers that carry a signature.</summary>
public sealed record SignatureHeaders(string SignatureInput, string Signature, string? ContentDigest);

/// <summary>Why a signature was not taken; in the order in which it is checked.</summary>
public enum SignatureOutcome
{
    None = 0,
    Valid,
    Missing,
    Malformed,
    NotFresh,
    DigestMismatch,
    BadSignature,
}

public static class MessageSignature
{
    /// <summary>How far a request's <c>created</c> may lie from the receiver's clock, either way.</summary>
    public static readonly TimeSpan DefaultTolerance = TimeSpan.FromMinutes(5);

    public static string Digest(ReadOnlySpan<byte> body) =>
        $"sha-256=:{Convert.ToBase64String(SHA256.HashData(body))}:";

    public static SignatureHeaders Sign(in SignedParts parts, SigningKey key, DateTimeOffset created)
    {
        var digest = parts.Body.IsEmpty ? null : Digest(parts.Body.Span);
        var components = CoveredComponents(parts, digest);
        var parameters = string.Create(
            CultureInfo.InvariantCulture,
            $"({string.Join(' ', components.Select(static c => $"\"{c}\""))});created={created.ToUnixTimeSeconds()}")
            + $";keyid=\"{key.PublicKey}\";alg=\"ed25519\"";
        var signature = key.Sign(SignatureBase(parts, components, digest, parameters));
        return new SignatureHeaders($"sig={parameters}", $"sig=:{Convert.ToBase64String(signature)}:", digest);
    }

    /// <summary>
    /// Checks form, freshness, digest and signature; whether the key may do this is the caller's question.
    /// </summary>
    public static SignatureOutcome Verify(
        in SignedParts parts, SignatureHeaders? headers, DateTimeOffset now, TimeSpan tolerance, out Key32 key)
    {
        key = default;
        if (headers is null)
        {
            return SignatureOutcome.Missing;
        }

        if (!SignatureInput.TryParse(headers.SignatureInput, out var input)
            || !TryReadBinary(headers.Signature, "sig", out var signature)
            || !Covers(input.Components, parts, headers.ContentDigest))
        {
            return SignatureOutcome.Malformed;
        }

        if ((now - input.Created).Duration() > tolerance)
        {
            return SignatureOutcome.NotFresh;
        }

        if (!parts.Body.IsEmpty && headers.ContentDigest != Digest(parts.Body.Span))
        {
            return SignatureOutcome.DigestMismatch;
        }

        var signed = SignatureBase(parts, input.Components, headers.ContentDigest, input.Parameters);
        key = input.Key;
        return Ed25519.Verify(input.Key, signed, signature) ? SignatureOutcome.Valid : SignatureOutcome.BadSignature;
    }

    private static List<string> CoveredComponents(in SignedParts parts, string? digest)
    {
        List<string> components = ["@method", "@path", "@query"];
        if (digest is not null)
        {
            components.Add("content-digest");
        }

        if (parts.IdempotencyKey is not null)
        {
            components.Add("idempotency-key");
        }

        return components;
    }

    /// <summary>Everything that must be covered is, nothing unknown is, and nothing twice.</summary>
    private static bool Covers(IReadOnlyList<string> components, in SignedParts parts, string? digest)
    {
        if (!parts.Body.IsEmpty && digest is null)
        {
            return false;
        }

        var expected = CoveredComponents(parts, parts.Body.IsEmpty ? null : digest);
        return components.Count == expected.Count && expected.TrueForAll(components.Contains);
    }

    private static byte[] SignatureBase(
        in SignedParts parts, IReadOnlyList<string> components, string? digest, string parameters)
    {
        var text = new StringBuilder();
        foreach (var component in components)
        {
            var value = component switch
            {
                "@method" => parts.Method,
                "@path" => parts.Path,
                "@query" => parts.Query.Length == 0 ? "?" : parts.Query,
                "content-digest" => digest,
                _ => parts.IdempotencyKey,
            };
            _ = text.Append('"').Append(component).Append("\": ").Append(value).Append('\n');
        }

        _ = text.Append("\"@signature-params\": ").Append(parameters);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static bool TryReadBinary(string header, string label, out byte[] bytes)
    {
        bytes = [];
        var prefix = label + "=:";
        if (header.Length > 200 || !header.StartsWith(prefix, StringComparison.Ordinal) || !header.EndsWith(':'))
        {
            return false;
        }

        var buffer = new byte[Ed25519.SignatureLength];
        if (!Convert.TryFromBase64String(header[prefix.Length..^1], buffer, out var written)
            || written != Ed25519.SignatureLength)
        {
            return false;
        }

        bytes = buffer;
        return true;
    }
}
