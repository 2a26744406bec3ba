// HTTP Message Signatures, RFC 9421, with ed25519, and Content-Digest, RFC 9530, with sha-256. Covered: "@method"
// "@path" "@query", "content-digest" when there is a body, "idempotency-key" when that header is sent.

using System.Globalization;
using System.Security.Cryptography;
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

    private const int DigestLength = 54; // sha-256=: 44 characters of Base64 :

    public static string Digest(ReadOnlySpan<byte> body)
    {
        Span<char> text = stackalloc char[DigestLength];
        WriteDigest(body, text);
        return new string(text);
    }

    public static SignatureHeaders Sign(in SignedParts parts, SigningKey key, DateTimeOffset created)
    {
        var digest = parts.Body.IsEmpty ? null : Digest(parts.Body.Span);
        var components = SignatureBase.Covered(parts, digest);
        var parameters = string.Create(
            CultureInfo.InvariantCulture,
            $"({components});created={created.ToUnixTimeSeconds()};keyid=\"{key.PublicKey}\";alg=\"ed25519\"");
        using var signed = new SignatureBase(
            parts, digest, components, parameters, stackalloc byte[SignatureBase.UsualBytes]);
        var signature = key.Sign(signed.Bytes);
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

        Span<byte> signature = stackalloc byte[Ed25519.SignatureLength];
        if (!SignatureInput.TryParse(headers.SignatureInput, out var input)
            || !TryReadSignature(headers.Signature, signature)
            || !SignatureBase.Covers(input.Components, parts, headers.ContentDigest))
        {
            return SignatureOutcome.Malformed;
        }

        if ((now - input.Created).Duration() > tolerance)
        {
            return SignatureOutcome.NotFresh;
        }

        if (!parts.Body.IsEmpty && !IsDigest(headers.ContentDigest, parts.Body.Span))
        {
            return SignatureOutcome.DigestMismatch;
        }

        using var signed = new SignatureBase(
            parts,
            headers.ContentDigest,
            input.Components,
            input.Parameters,
            stackalloc byte[SignatureBase.UsualBytes]);
        key = input.Key;
        return Ed25519.Verify(input.Key, signed.Bytes, signature)
            ? SignatureOutcome.Valid
            : SignatureOutcome.BadSignature;
    }

    private static bool IsDigest(ReadOnlySpan<char> text, ReadOnlySpan<byte> body)
    {
        Span<char> expected = stackalloc char[DigestLength];
        WriteDigest(body, expected);
        return text.SequenceEqual(expected);
    }

    private static void WriteDigest(ReadOnlySpan<byte> body, Span<char> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(body, hash);
        "sha-256=:".CopyTo(text);
        _ = Convert.TryToBase64Chars(hash, text[9..], out _);
        text[^1] = ':';
    }

    private static bool TryReadSignature(ReadOnlySpan<char> header, Span<byte> signature)
    {
        const string Prefix = "sig=:";
        return header.Length is > 0 and <= 200
            && header.StartsWith(Prefix, StringComparison.Ordinal)
            && header[^1] == ':'
            && Convert.TryFromBase64Chars(header[Prefix.Length..^1], signature, out var written)
            && written == Ed25519.SignatureLength;
    }
}
