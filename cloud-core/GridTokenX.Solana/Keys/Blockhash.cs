using System.Diagnostics.CodeAnalysis;

namespace GridTokenX.Solana;

/// <summary>The hash of a recent block, 32 bytes, written in Base58. It limits how long a transaction is valid.
/// </summary>
public readonly struct Blockhash : IEquatable<Blockhash>
{
    public const int Length = Bytes32.Length;

    private readonly Bytes32 _bytes;

    /// <summary>From its 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public Blockhash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"A blockhash has {Length} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _bytes = Bytes32.From(bytes);
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Span => _bytes;

    public static Blockhash Parse(string base58) => TryParse(base58, out var blockhash)
        ? blockhash
        : throw new FormatException("Not the Base58 of a 32-byte blockhash.");

    public static bool TryParse([NotNullWhen(true)] string? base58, out Blockhash blockhash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var ok = Base58Text.TryDecode(base58, bytes);
        blockhash = ok ? new Blockhash(bytes) : default;
        return ok;
    }

    public bool Equals(Blockhash other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is Blockhash other && Equals(other);

    public override int GetHashCode() => new PublicKey(_bytes).GetHashCode();

    public override string ToString() => Base58Text.Encode(_bytes);

    public static bool operator ==(Blockhash left, Blockhash right) => left.Equals(right);

    public static bool operator !=(Blockhash left, Blockhash right) => !left.Equals(right);
}
