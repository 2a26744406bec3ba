using System.Security.Cryptography;
using System.Text;

namespace GridTokenX.Protocol.Keys;

/// <summary>
/// What an owner reads to whoever installs his gateway: <c>GTX-7KQ2-M0XV-9TDA</c>, 60 random bits in Crockford's
/// base32. Spaces, hyphens, small letters and letters that look like digits make no difference.
/// </summary>
public static class ClaimCode
{
    private const string Prefix = "GTX";
    private const int Symbols = 12;
    private const int Group = 4;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static readonly byte[] Domain = Encoding.ASCII.GetBytes("GTX/claim/v1");

    /// <summary>A new one from the system's generator.</summary>
    public static string Make() => Shown(RandomNumberGenerator.GetString(Alphabet, Symbols));

    /// <summary>The code in the form in which it is shown; false for what cannot be one.</summary>
    public static bool TryNormalise(string? text, out string code)
    {
        code = string.Empty;
        if (text is null || text.Length > 64)
        {
            return false;
        }

        var symbols = string.Concat(text.Where(static c => c is not ('-' or ' ' or '\u2013')).Select(Symbol));
        if (symbols.Length == Prefix.Length + Symbols && symbols.StartsWith(Prefix, StringComparison.Ordinal))
        {
            symbols = symbols[Prefix.Length..];
        }

        if (symbols.Length != Symbols || symbols.Any(static c => !Alphabet.Contains(c, StringComparison.Ordinal)))
        {
            return false;
        }

        code = Shown(symbols);
        return true;
    }

    /// <summary>What is kept of a code: 32 bytes.</summary>
    /// <param name="code">As shown.</param>
    public static byte[] Hash(string code) => SHA256.HashData([.. Domain, .. Encoding.ASCII.GetBytes(code)]);

    private static char Symbol(char c) => char.ToUpperInvariant(c) switch
    {
        'O' => '0',
        'I' or 'L' => '1',
        var upper => upper,
    };

    private static string Shown(string symbols) =>
        $"{Prefix}-{string.Join('-', symbols.Chunk(Group).Select(static group => new string(group)))}";
}
