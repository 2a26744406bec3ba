// The text that a wallet signs: https://github.com/phantom/sign-in-with-solana, after EIP-4361 and CAIP-122.

using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// Makes sign-in messages, and recognises its own. A nonce is Base58 of: issued (8, Unix s) · random (16) · the first
/// 16 bytes of an HMAC over wallet, domain, issued and random. So asking for one costs no storage, and none can be made
/// elsewhere, for another wallet or for another site.
/// </summary>
internal sealed class SignInMessage(SessionSecrets secrets, AccountsOptions options, WallTime wall)
{
    private const string Purpose = "GTX/sign-in-nonce/v1";
    private const string Statement = "Sign in to GridTokenX. This moves nothing and costs nothing.";
    private const string NonceLine = "\nNonce: ";
    private const int RandomOffset = 8;
    private const int MacOffset = 24;
    private const int NonceLength = 40;
    private const int MaxMessageLength = 1_000;
    private const string Iso = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    internal (string Message, string Nonce, DateTimeOffset ExpiresAt) Create(Key32 wallet)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        BinaryPrimitives.WriteInt64BigEndian(nonce, wall.UtcNow.ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(nonce[RandomOffset..MacOffset]);
        Mac(wallet, nonce[..MacOffset]).CopyTo(nonce[MacOffset..]);
        var issued = IssuedAt(nonce);
        var text = Base58.Encode(nonce.ToArray());
        return (Text(wallet, text, issued), text, issued + options.NonceLifetime);
    }

    /// <summary>
    /// The nonce of a message that is, to the letter, one that was made here for this wallet, and has not expired; null
    /// otherwise. Whether the nonce was used before is not known here.
    /// </summary>
    internal (string Nonce, DateTimeOffset ExpiresAt)? Recognise(Key32 wallet, string message)
    {
        var start = message.IndexOf(NonceLine, StringComparison.Ordinal) + NonceLine.Length;
        var end = start < NonceLine.Length ? -1 : message.IndexOf('\n', start);
        if (message.Length > MaxMessageLength || end < 0 || !TryDecode(message[start..end], out var nonce))
        {
            return null;
        }

        var issued = IssuedAt(nonce);
        var expires = issued + options.NonceLifetime;
        var now = wall.UtcNow;
        return CryptographicOperations.FixedTimeEquals(
                nonce.AsSpan(MacOffset), Mac(wallet, nonce.AsSpan(0, MacOffset)))
            && issued <= now && now < expires
            && message == Text(wallet, message[start..end], issued)
                ? (message[start..end], expires)
                : null;
    }

    private string Text(Key32 wallet, string nonce, DateTimeOffset issued)
    {
        var (from, until) = (
            issued.ToString(Iso, CultureInfo.InvariantCulture),
            (issued + options.NonceLifetime).ToString(Iso, CultureInfo.InvariantCulture));
        return $"""
            {options.OriginUri.Authority} wants you to sign in with your Solana account:
            {wallet}

            {Statement}

            URI: {options.Origin}
            Version: 1
            Nonce: {nonce}
            Issued At: {from}
            Expiration Time: {until}
            """;
    }

    private byte[] Mac(Key32 wallet, ReadOnlySpan<byte> issuedAndRandom) => secrets.Mac(
        Purpose,
        [.. wallet.ToArray(), .. issuedAndRandom, .. Encoding.UTF8.GetBytes(options.Origin)])[
            ..(NonceLength - MacOffset)];

    private static bool TryDecode(string text, out byte[] nonce)
    {
        nonce = new byte[NonceLength];
        return Base58.TryDecode(text, nonce, NonceLength);
    }

    // What was not made here may be any number.
    private static DateTimeOffset IssuedAt(ReadOnlySpan<byte> nonce)
    {
        var seconds = BinaryPrimitives.ReadInt64BigEndian(nonce);
        return seconds is < 0 or > 32_503_680_000
            ? DateTimeOffset.UnixEpoch
            : DateTimeOffset.FromUnixTimeSeconds(seconds);
    }
}
