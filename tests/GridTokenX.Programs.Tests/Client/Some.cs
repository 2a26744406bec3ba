using System.Security.Cryptography;
using System.Text;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Tests.Client;

internal static class Some
{
    public static PublicKey Key(string name) => new(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    public static readonly RegistryProgram Registry = new(LocalPrograms.Registry);
    public static readonly EnergyTokenProgram EnergyToken = new(LocalPrograms.EnergyToken);
    public static readonly TradingProgram Trading = new(LocalPrograms.Trading, EnergyToken.Mint, Key("grx mint"));

    public static readonly OrderTerms Terms = new(7, 2_500_000_000, 3_500_000, 1_800_000_000);
}
