using System.Globalization;
using System.Security.Cryptography;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Pairing;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.EdgeGateway.Page;

internal enum ClaimOutcome
{
    None = 0,

    /// <summary>The PIN is set.</summary>
    Claimed,

    /// <summary>There is no code: none was made, it was used before, or it was guessed at too often.</summary>
    NoCode,

    /// <summary>The code was made too long ago.</summary>
    Expired,

    WrongCode,

    /// <summary>Fewer than six digits, or not only digits.</summary>
    UnfitPin,
}

/// <summary>
/// Who has the gateway in hand opens its page: a short-lived code, made on the gateway itself, is good for setting the
/// page's PIN once. A forgotten PIN is set anew the same way, or with a claim code of the owner's.
/// </summary>
internal sealed class Claim(Settings settings, WallTime wall)
{
    internal const int CodeLength = 8;
    internal const int LeastPinLength = 6;
    internal const int MostPinLength = 12;
    internal const int MaxWrongCodes = 5;
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private const string PinName = Ownership.PinName;
    private const string CodeName = "claim.code";
    private const string UntilName = "claim.until";
    private const string WrongName = "claim.wrong";

    /// <summary>No letters or digits that look alike.</summary>
    private const string Alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

    private readonly Lock _lock = new();

    internal bool IsClaimed => PinHash is not null;

    /// <summary>There is a code that may still be used.</summary>
    internal bool IsOpen => settings.Get(CodeName) is not null && wall.UtcNow < Until;

    private DateTimeOffset Until => DateTimeOffset.FromUnixTimeSeconds(
        long.Parse(settings.Get(UntilName) ?? "0", CultureInfo.InvariantCulture));

    /// <summary>Makes a new code; an older one is void.</summary>
    internal string Open()
    {
        var code = RandomNumberGenerator.GetString(Alphabet, CodeLength);
        settings.Set(
            (CodeName, PasswordHash.Of(code)),
            (UntilName, (wall.UtcNow + Lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            (WrongName, null));
        return code;
    }

    internal ClaimOutcome TryClaim(string code, string pin)
    {
        // One at a time: two requests with the same code are one claim and one replay.
        lock (_lock)
        {
            if (settings.Get(CodeName) is not { } hash)
            {
                return ClaimOutcome.NoCode;
            }

            if (wall.UtcNow >= Until)
            {
                Close();
                return ClaimOutcome.Expired;
            }

            var plain = new string([.. code.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]);
            if (plain.Length != CodeLength || !PasswordHash.Verify(hash, plain))
            {
                CountWrong();
                return ClaimOutcome.WrongCode;
            }

            if (!IsFit(pin))
            {
                return ClaimOutcome.UnfitPin;
            }

            settings.Set((PinName, PasswordHash.Of(pin)), (CodeName, null), (UntilName, null), (WrongName, null));
            return ClaimOutcome.Claimed;
        }
    }

    internal static bool IsFit(string pin) =>
        pin.Length is >= LeastPinLength and <= MostPinLength && pin.All(char.IsAsciiDigit);

    /// <summary>Another one for every PIN that is set; null before the first.</summary>
    internal string? PinHash => settings.Get(PinName);

    internal bool IsPin(string pin) =>
        pin.Length <= MostPinLength && settings.Get(PinName) is { } hash && PasswordHash.Verify(hash, pin);

    private void Close() => settings.Set((CodeName, null), (UntilName, null), (WrongName, null));

    private void CountWrong()
    {
        var wrong = int.Parse(settings.Get(WrongName) ?? "0", CultureInfo.InvariantCulture) + 1;
        if (wrong >= MaxWrongCodes)
        {
            Close();
        }
        else
        {
            settings.Set((WrongName, wrong.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
