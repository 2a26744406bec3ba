using GridTokenX.Protocol.Units;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Section <c>Solana:Programs</c>, Base58; the defaults are where the local chain has them.</summary>
public sealed record ProgramAddresses
{
    public string Registry { get; init; } = "2XPQmFYMdXjP7ffoBB3mXeCdboSFg5Yeb6QmTSGbW8a7";

    public string EnergyToken { get; init; } = "94G1r674LmRDmLN2UPjDFD8Eh7zT8JaSaxv9v68GyEur";

    public string Trading { get; init; } = "GZnqNTJsre6qB4pWCQRE9FiJU2GUeBtBDPp6s7zosctk";

    internal static IEnumerable<string> Faults(ProgramAddresses programs)
    {
        if (!PublicKey.TryParse(programs.Registry, out _))
        {
            yield return $"{nameof(Registry)} is not an address.";
        }

        if (!PublicKey.TryParse(programs.EnergyToken, out _))
        {
            yield return $"{nameof(EnergyToken)} is not an address.";
        }

        if (!PublicKey.TryParse(programs.Trading, out _))
        {
            yield return $"{nameof(Trading)} is not an address.";
        }
    }
}

/// <summary>Section <c>Solana:Setup</c>.</summary>
public sealed record ProgramSettings
{
    /// <summary>A meter's submissions on chain are at least so far apart.</summary>
    public TimeSpan MinReadingInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>No register of a meter grows faster, W.</summary>
    public long MaxPowerW { get; init; } = 1_200_000;

    /// <summary>How far ahead of the chain's clock a submission may be.</summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>No order on chain is settled below it, GRX per kWh.</summary>
    public decimal MinPriceGrx { get; init; } = 0.000001m;

    /// <summary>No order on chain is settled above it, GRX per kWh.</summary>
    public decimal MaxPriceGrx { get; init; } = 10_000;

    internal PricePerKwh MinPrice => PricePerKwh.TryFromGrx(MinPriceGrx, out var price) ? price : default;

    internal PricePerKwh MaxPrice => PricePerKwh.TryFromGrx(MaxPriceGrx, out var price) ? price : default;

    internal static IEnumerable<string> Faults(ProgramSettings settings)
    {
        if (settings.MinReadingInterval < TimeSpan.FromSeconds(1) || settings.MinReadingInterval > TimeSpan.FromDays(1))
        {
            yield return $"{nameof(MinReadingInterval)} goes from a second to a day.";
        }

        if (settings.MaxPowerW is < 1 or > 1_000_000_000_000)
        {
            yield return $"{nameof(MaxPowerW)} goes from 1 to a terawatt.";
        }

        if (settings.MaxAhead < TimeSpan.Zero || settings.MaxAhead > TimeSpan.FromDays(1))
        {
            yield return $"{nameof(MaxAhead)} goes from 0 to a day.";
        }

        if (settings.MinPrice.Value < 1 || settings.MaxPrice < settings.MinPrice)
        {
            yield return $"{nameof(MinPriceGrx)} is at least 0.000001, and {nameof(MaxPriceGrx)} at least that.";
        }
    }
}
