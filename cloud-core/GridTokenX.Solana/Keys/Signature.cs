using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace GridTokenX.Solana;

/// <summary>An Ed25519 signature, 64 bytes, written in Base58. A transaction's first signature is its id.</summary>
public readonly struct Signature : IEquatable<Signature>
{
    public const int Length = Bytes64.Length;

    private readonly Bytes64 _bytes;

    /// <summary>From its 64 bytes.</summary>
    /// <exception cref="ArgumentException">Not 64 bytes.</exception>
    public Signature(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"A signature has {Length} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _bytes = Bytes64.From(bytes);
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Span => _bytes;

    public static Signature Parse(string base58) => TryParse(base58, out var signature)
        ? signature
        : throw new FormatException("Not the Base58 of a 64-byte signature.");

    public static bool TryParse([NotNullWhen(true)] string? base58, out Signature signature)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var ok = Base58Text.TryDecode(base58, bytes);
        signature = ok ? new Signature(bytes) : default;
        return ok;
    }

    public byte[] ToArray() => ((ReadOnlySpan<byte>)_bytes).ToArray();

    public void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)_bytes).CopyTo(destination);

    public bool Equals(Signature other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is Signature other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(
        BinaryPrimitives.ReadUInt64LittleEndian(_bytes[..8]), BinaryPrimitives.ReadUInt64LittleEndian(_bytes[32..]));

    public override string ToString() => Base58Text.Encode(_bytes);

    public static bool operator ==(Signature left, Signature right) => left.Equals(right);

    public static bool operator !=(Signature left, Signature right) => !left.Equals(right);
}
