using GridTokenX.Protocol.Keys;
using SimpleBase;

namespace GridTokenX.Solana;

/// <summary>
/// Base58. Keys, hashes and signatures have one size and come by the hundred in every answer of the chain; anything
/// else is rare.
/// </summary>
internal static class Base58Text
{
    public static string Encode(ReadOnlySpan<byte> value) =>
        value.Length <= QuickBase58.MaxBytes ? QuickBase58.Encode(value) : Base58.Bitcoin.Encode(value);

    /// <summary>False, at once for a text that is too long, when it is not that of so many bytes.</summary>
    /// <param name="text">Of a key, a hash or a signature.</param>
    /// <param name="destination">Of its size; of no meaning when false.</param>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination) =>
        QuickBase58.TryDecode(text, destination);

    /// <summary>Of any length; empty when there may be more than that many bytes, since decoding costs their square.
    /// </summary>
    /// <exception cref="FormatException">Not Base58.</exception>
    public static byte[] DecodeUpTo(int maxBytes, string text)
    {
        // A character carries 0.73 bytes.
        if (text.Length == 0 || text.Length > maxBytes * 137 / 100)
        {
            return [];
        }

        return text.AsSpan().ContainsAnyExcept(Base58.Bitcoin.Alphabet.Value)
            ? throw new FormatException("Not Base58.")
            : Base58.Bitcoin.Decode(text).ToArray();
    }
}
