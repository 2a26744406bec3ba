using GridTokenX.Protocol.Keys;
using SimpleBase;

namespace GridTokenX.Solana;

/// <summary>Base58, mostly of values of one fixed size; text that is too long is refused before any decoding work.
/// </summary>
internal static class Base58Text
{
    public static string Encode(ReadOnlySpan<byte> value) =>
        value.Length <= QuickBase58.MaxBytes ? QuickBase58.Encode(value) : Base58.Bitcoin.Encode(value);

    /// <summary>Into all of the destination, a key's 32 bytes or a signature's 64.</summary>
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
