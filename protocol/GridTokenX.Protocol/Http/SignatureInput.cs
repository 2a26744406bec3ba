using System.Globalization;
using System.Text.RegularExpressions;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Http;

/// <summary>The parsed Signature-Input header: one signature, labelled <c>sig</c>.</summary>
/// <param name="Components">The covered components, in the order in which they were signed.</param>
/// <param name="Parameters">The text after the label: the value of <c>@signature-params</c>.</param>
/// <param name="Created">When it was signed.</param>
/// <param name="Key">The key it names.</param>
internal sealed partial record SignatureInput(
    IReadOnlyList<string> Components, string Parameters, DateTimeOffset Created, Key32 Key)
{
    private const int MaxLength = 512;

    internal static bool TryParse(string header, out SignatureInput input)
    {
        input = new SignatureInput([], string.Empty, default, default);
        if (header.Length > MaxLength)
        {
            return false;
        }

        var match = Form().Match(header);
        if (!match.Success
            || !long.TryParse(match.Groups["created"].Value, CultureInfo.InvariantCulture, out var created)
            || created > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            || !Key32.TryParse(match.Groups["keyid"].Value, out var key))
        {
            return false;
        }

        var components = match.Groups["components"].Value.Split(' ').Select(static c => c.Trim('"')).ToList();
        var parameters = match.Groups["parameters"].Value;
        input = new SignatureInput(components, parameters, DateTimeOffset.FromUnixTimeSeconds(created), key);
        return true;
    }

    [GeneratedRegex(
        """^sig=(?<parameters>\((?<components>"[a-z@-]+"( "[a-z@-]+")*)\);created=(?<created>\d{1,12});keyid="(?<keyid>[1-9A-HJ-NP-Za-km-z]{32,44})";alg="ed25519")$""",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
