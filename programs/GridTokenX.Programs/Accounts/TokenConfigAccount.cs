using System.Diagnostics.CodeAnalysis;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Accounts;

/// <summary>The energy token's settings, at the PDA ["token_config"], which is also the mint's authority.</summary>
/// <param name="Registry">The registry's PDA, which alone may mint.</param>
public sealed record TokenConfigAccount(
    PublicKey Admin, PublicKey Mint, PublicKey Registry, bool IsInMaintenance, byte Bump, byte MintBump)
{
    public const int Length = 112;

    public static ulong Discriminator { get; } = Programs.Discriminator.OfAccount("TokenConfig");

    /// <exception cref="FormatException">Not such an account.</exception>
    public static TokenConfigAccount Parse(ReadOnlySpan<byte> data)
    {
        var reader = AccountData.Open(data, Length, Discriminator, nameof(TokenConfigAccount));
        return new TokenConfigAccount(
            reader.Key(), reader.Key(), reader.Key(), reader.Bool(), reader.U8(), reader.U8());
    }

    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out TokenConfigAccount? account) =>
        AccountData.Try(data, Parse, out account);
}
