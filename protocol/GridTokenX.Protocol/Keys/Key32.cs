using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;

namespace GridTokenX.Protocol.Keys;

/// <summary>
/// An Ed25519 public key: the identity of a device, a gateway or a wallet. Text form is Base58, as Solana writes
/// addresses. The default value is 32 zero bytes, which is no valid identity.
/// </summary>
[JsonConverter(typeof(Key32JsonConverter))]
public readonly struct Key32 : IEquatable<Key32>
{
    public const int Length = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public Key32(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"A key has {Length} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    public static bool operator ==(Key32 left, Key32 right) => left.Equals(right);

    public static bool operator !=(Key32 left, Key32 right) => !left.Equals(right);

    public static bool TryParse([NotNullWhen(true)] string? text, out Key32 key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (text is null || !QuickBase58.TryDecode(text, bytes))
        {
            key = default;
            return false;
        }

        key = new Key32(bytes);
        return true;
    }

    public static bool TryParse(ReadOnlySpan<char> text, out Key32 key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (!QuickBase58.TryDecode(text, bytes))
        {
            key = default;
            return false;
        }

        key = new Key32(bytes);
        return true;
    }

    /// <exception cref="FormatException">Not the Base58 form of 32 bytes.</exception>
    public static Key32 Parse(string text) =>
        TryParse(text, out var key) ? key : throw new FormatException("Not a Base58 key of 32 bytes.");

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    public bool Equals(Key32 other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    public override bool Equals(object? obj) => obj is Key32 other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_a, _b, _c, _d);

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return QuickBase58.Encode(bytes);
    }
}

public sealed class Key32JsonConverter : JsonConverter<Key32>
{
    public override Key32 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<byte> bytes = stackalloc byte[Key32.Length];
        return Base58Json.TryRead(ref reader, bytes)
            ? new Key32(bytes)
            : throw new JsonException("Not a Base58 key of 32 bytes.");
    }

    public override void Write(Utf8JsonWriter writer, Key32 value, JsonSerializerOptions options)
    {
        Span<byte> bytes = stackalloc byte[Key32.Length];
        value.CopyTo(bytes);
        Base58Json.Write(writer, bytes);
    }
}
