using System.Globalization;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Http;

/// <summary>
/// The Signature-Input header taken apart, without a copy: one signature, labelled <c>sig</c>, with exactly these
/// parameters in this order:
/// <c>sig=("@method" "@path");created=1764550802;keyid="Base58";alg="ed25519"</c>.
/// </summary>
internal readonly ref struct SignatureInput
{
    private const int MaxLength = 512;
    private const int MaxCreatedDigits = 12;

    private SignatureInput(
        ReadOnlySpan<char> components, ReadOnlySpan<char> parameters, DateTimeOffset created, Key32 key)
    {
        Components = components;
        Parameters = parameters;
        Created = created;
        Key = key;
    }

    /// <summary>The covered components in the order of signing: quoted, a space between; unchecked.</summary>
    internal ReadOnlySpan<char> Components { get; }

    /// <summary>The text after the label: the value of <c>@signature-params</c>.</summary>
    internal ReadOnlySpan<char> Parameters { get; }

    internal DateTimeOffset Created { get; }

    /// <summary>The key it names.</summary>
    internal Key32 Key { get; }

    internal static bool TryParse(ReadOnlySpan<char> header, out SignatureInput input)
    {
        input = default;
        if (header.Length > MaxLength || !TryTake(ref header, "sig="))
        {
            return false;
        }

        var parameters = header;
        if (!TryTake(ref header, "(")
            || !TryTakeUntil(ref header, ");created=", out var components)
            || !TryTakeUntil(ref header, ";keyid=\"", out var createdText)
            || !TryTakeUntil(ref header, "\";alg=\"ed25519\"", out var keyText)
            || !header.IsEmpty
            || createdText.Length > MaxCreatedDigits
            || !long.TryParse(createdText, NumberStyles.None, CultureInfo.InvariantCulture, out var created)
            || created > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            || !Key32.TryParse(keyText, out var key))
        {
            return false;
        }

        input = new SignatureInput(components, parameters, DateTimeOffset.FromUnixTimeSeconds(created), key);
        return true;
    }

    private static bool TryTake(scoped ref ReadOnlySpan<char> text, scoped ReadOnlySpan<char> expected)
    {
        if (!text.StartsWith(expected, StringComparison.Ordinal))
        {
            return false;
        }

        text = text[expected.Length..];
        return true;
    }

    private static bool TryTakeUntil(
        scoped ref ReadOnlySpan<char> text, scoped ReadOnlySpan<char> end, out ReadOnlySpan<char> taken)
    {
        var at = text.IndexOf(end, StringComparison.Ordinal);
        if (at < 0)
        {
            taken = default;
            return false;
        }

        taken = text[..at];
        text = text[(at + end.Length)..];
        return true;
    }
}
