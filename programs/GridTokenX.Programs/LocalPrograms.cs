using GridTokenX.Solana;

namespace GridTokenX.Programs;

/// <summary>Where the programs are on the local chain. Elsewhere their addresses are configuration.</summary>
public static class LocalPrograms
{
    public static PublicKey Registry { get; } = PublicKey.Parse("2XPQmFYMdXjP7ffoBB3mXeCdboSFg5Yeb6QmTSGbW8a7");

    public static PublicKey EnergyToken { get; } = PublicKey.Parse("94G1r674LmRDmLN2UPjDFD8Eh7zT8JaSaxv9v68GyEur");

    public static PublicKey Trading { get; } = PublicKey.Parse("GZnqNTJsre6qB4pWCQRE9FiJU2GUeBtBDPp6s7zosctk");
}
