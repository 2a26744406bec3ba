using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.Solana.Interop;

namespace GridTokenX.Solana;

/// <summary>An address on Solana: 32 bytes, written in Base58. Not necessarily a key that somebody can sign with
/// (see <see cref="IsOnCurve"/>). The default value is the System program's address, 32 zeros.</summary>
[JsonConverter(typeof(PublicKeyJsonConverter))]
public readonly struct PublicKey : IEquatable<PublicKey>, IComparable<PublicKey>, ISpanParsable<PublicKey>
{
    public const int Length = Bytes32.Length;

    private readonly Bytes32 _bytes;

    /// <summary>From its 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public PublicKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"A public key has {Length} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _bytes = Bytes32.From(bytes);
    }

    /// <summary>Whether these bytes decompress to a point of edwards25519, which is what tells a key from a
    /// program-derived address. Small-order and non-canonical points count, as they do on the chain.</summary>
    public bool IsOnCurve => Edwards25519.Decompresses(_bytes);

    [UnscopedRef]
    public ReadOnlySpan<byte> Span => _bytes;

    public static PublicKey Parse(string base58) => Parse(base58, null);

    public static PublicKey Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    public static PublicKey Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var key) ? key : throw new FormatException("Not the Base58 of a 32-byte public key.");

    public static bool TryParse([NotNullWhen(true)] string? base58, out PublicKey key) =>
        TryParse(base58.AsSpan(), null, out key);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PublicKey result) =>
        TryParse(s.AsSpan(), provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out PublicKey result)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var ok = Base58Text.TryDecode(s, bytes);
        result = ok ? new PublicKey(bytes) : default;
        return ok;
    }

    /// <summary>False for a wrong signature, and for any signature under a small-order or non-canonical key.</summary>
    public bool Verify(ReadOnlySpan<byte> message, Signature signature) =>
        Sodium.Verify(signature.Span, message, _bytes);

    public byte[] ToArray() => ((ReadOnlySpan<byte>)_bytes).ToArray();

    public void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)_bytes).CopyTo(destination);

    public bool Equals(PublicKey other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is PublicKey other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(
        BinaryPrimitives.ReadUInt64LittleEndian(_bytes[..8]), BinaryPrimitives.ReadUInt64LittleEndian(_bytes[24..]));

    /// <summary>By the bytes, not by the Base58 text.</summary>
    public int CompareTo(PublicKey other) => Span.SequenceCompareTo(other.Span);

    public override string ToString() => Base58Text.Encode(_bytes);

    public static bool operator ==(PublicKey left, PublicKey right) => left.Equals(right);

    public static bool operator !=(PublicKey left, PublicKey right) => !left.Equals(right);

    public static bool operator <(PublicKey left, PublicKey right) => left.CompareTo(right) < 0;

    public static bool operator <=(PublicKey left, PublicKey right) => left.CompareTo(right) <= 0;

    public static bool operator >(PublicKey left, PublicKey right) => left.CompareTo(right) > 0;

    public static bool operator >=(PublicKey left, PublicKey right) => left.CompareTo(right) >= 0;
}

public sealed class PublicKeyJsonConverter : JsonConverter<PublicKey>
{
    public override PublicKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && PublicKey.TryParse(reader.GetString(), out var key)
            ? key
            : throw new JsonException("Not the Base58 of a 32-byte public key.");

    public override void Write(Utf8JsonWriter writer, PublicKey value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
