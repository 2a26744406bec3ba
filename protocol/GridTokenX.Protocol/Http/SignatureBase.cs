using System.Buffers;
using System.Text;

namespace GridTokenX.Protocol.Http;

/// <summary>
/// The signature base of RFC 9421, section 2.5: what is signed. A line for each covered component, in their order, then
/// the parameters.
/// </summary>
internal ref struct SignatureBase : IDisposable
{
    /// <summary>Enough for nearly every request, so that its base lies on the stack.</summary>
    internal const int UsualBytes = 1024;

    private const int Fixed = 160; // the components' names, quotes, colons and line ends
    private const int MaxBytesOfChar = 3;

    private readonly Span<byte> _buffer;
    private readonly byte[]? _rented;
    private int _length;

    /// <param name="parts">What is signed.</param>
    /// <param name="digest">The Content-Digest header's value; null when it is not sent.</param>
    /// <param name="components">As <see cref="SignatureInput.Components"/>; checked by <see cref="Covers"/>.</param>
    /// <param name="parameters">As <see cref="SignatureInput.Parameters"/>.</param>
    /// <param name="room">Used when it is large enough.</param>
    internal SignatureBase(
        in SignedParts parts,
        string? digest,
        ReadOnlySpan<char> components,
        ReadOnlySpan<char> parameters,
        Span<byte> room)
    {
        var most = Fixed + (MaxBytesOfChar * (parts.Method.Length + parts.Path.Length + parts.Query.Length
            + (digest?.Length ?? 0) + (parts.IdempotencyKey?.Length ?? 0) + parameters.Length));
        _rented = most > room.Length ? ArrayPool<byte>.Shared.Rent(most) : null;
        _buffer = _rented ?? room;
        foreach (var range in components.Split(' '))
        {
            var component = components[range];
            Append(component);
            Append(": ");
            Append(ValueOf(component, parts, digest));
            Append("\n");
        }

        Append("\"@signature-params\": ");
        Append(parameters);
    }

    internal readonly ReadOnlySpan<byte> Bytes => _buffer[.._length];

    /// <summary>Everything that must be covered is, nothing unknown is, and nothing twice.</summary>
    internal static bool Covers(ReadOnlySpan<char> components, in SignedParts parts, string? digest)
    {
        if (!parts.Body.IsEmpty && digest is null)
        {
            return false;
        }

        var missing = Component.Method | Component.Path | Component.Query
            | (parts.Body.IsEmpty ? Component.None : Component.ContentDigest)
            | (parts.IdempotencyKey is null ? Component.None : Component.IdempotencyKey);
        foreach (var range in components.Split(' '))
        {
            var component = Named(components[range]);
            if (component == Component.None || (missing & component) == Component.None)
            {
                return false;
            }

            missing &= ~component;
        }

        return missing == Component.None;
    }

    /// <summary>The components that a sender covers, as they stand in the parameters.</summary>
    internal static string Covered(in SignedParts parts, string? digest) =>
        "\"@method\" \"@path\" \"@query\""
        + (digest is null ? string.Empty : " \"content-digest\"")
        + (parts.IdempotencyKey is null ? string.Empty : " \"idempotency-key\"");

    public readonly void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    private static ReadOnlySpan<char> ValueOf(ReadOnlySpan<char> component, in SignedParts parts, string? digest) =>
        Named(component) switch
        {
            Component.Method => parts.Method,
            Component.Path => parts.Path,
            Component.Query => parts.Query.Length == 0 ? "?" : parts.Query,
            Component.ContentDigest => digest,
            Component.IdempotencyKey => parts.IdempotencyKey,
            _ => throw new ArgumentException("An unknown component.", nameof(component)),
        };

    private static Component Named(ReadOnlySpan<char> quoted) => quoted switch
    {
        "\"@method\"" => Component.Method,
        "\"@path\"" => Component.Path,
        "\"@query\"" => Component.Query,
        "\"content-digest\"" => Component.ContentDigest,
        "\"idempotency-key\"" => Component.IdempotencyKey,
        _ => Component.None,
    };

    private void Append(ReadOnlySpan<char> text) => _length += Encoding.UTF8.GetBytes(text, _buffer[_length..]);

    [Flags]
    private enum Component
    {
        None = 0,
        Method = 1,
        Path = 2,
        Query = 4,
        ContentDigest = 8,
        IdempotencyKey = 16,
    }
}
