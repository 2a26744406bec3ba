using SimpleBase;

namespace GridTokenX.Solana;

/// <summary>Base58, mostly of values of one fixed size; text that is too long is refused before any decoding work.
/// </summary>
internal static class Base58Text
{
    // 64 bytes, the longest value that Solana writes in Base58, take at most 88 characters.
    private const int MaxChars = 88;

    public static string Encode(ReadOnlySpan<byte> value) => Base58.Bitcoin.Encode(value);

    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        if (text.IsEmpty || text.Length > MaxChars || text.ContainsAnyExcept(Base58.Bitcoin.Alphabet.Value))
        {
            return false;
        }

        Span<byte> decoded = stackalloc byte[MaxChars];
        if (!Base58.Bitcoin.TryDecode(text, decoded, out var written) || written != destination.Length)
        {
            return false;
        }

        decoded[..written].CopyTo(destination);
        return true;
    }

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
