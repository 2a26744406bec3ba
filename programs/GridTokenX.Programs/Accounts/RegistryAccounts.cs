using System.Diagnostics.CodeAnalysis;
using System.Text;
using GridTokenX.Solana;

namespace GridTokenX.Programs.Accounts;

/// <summary>The registry's settings, at the PDA ["registry"].</summary>
/// <param name="EnergyToken">The energy token's program id.</param>
public sealed record RegistryAccount(
    PublicKey Admin, PublicKey Registrar, PublicKey Oracle, PublicKey EnergyToken, ReadingLimits Limits,
    bool IsInMaintenance, byte Bump)
{
    public const int Length = 168;

    public static ulong Discriminator { get; } = Programs.Discriminator.OfAccount("Registry");

    /// <exception cref="FormatException">Not such an account.</exception>
    public static RegistryAccount Parse(ReadOnlySpan<byte> data)
    {
        var reader = AccountData.Open(data, Length, Discriminator, nameof(RegistryAccount));
        return new RegistryAccount(
            reader.Key(), reader.Key(), reader.Key(), reader.Key(),
            new ReadingLimits(reader.U64(), reader.U64(), reader.U64()), reader.Bool(), reader.U8());
    }

    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out RegistryAccount? account) =>
        AccountData.Try(data, Parse, out account);
}

/// <summary>At the PDA ["user", wallet].</summary>
/// <param name="RegisteredAt">Unix seconds.</param>
public sealed record UserAccount(PublicKey Wallet, long RegisteredAt, uint MeterCount, UserType Type, byte Bump)
{
    public const int Length = 56;
    public const int WalletOffset = 8;

    public static ulong Discriminator { get; } = Programs.Discriminator.OfAccount("UserAccount");

    /// <exception cref="FormatException">Not such an account.</exception>
    public static UserAccount Parse(ReadOnlySpan<byte> data)
    {
        var reader = AccountData.Open(data, Length, Discriminator, nameof(UserAccount));
        return new UserAccount(reader.Key(), reader.I64(), reader.U32(), ReadType(reader.U8()), reader.U8());
    }

    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out UserAccount? account) =>
        AccountData.Try(data, Parse, out account);

    internal static UserType ReadType(byte value) =>
        value <= 1 ? (UserType)value : throw new FormatException("A user's type is 0 or 1.");
}

/// <summary>At the PDA ["meter", meter id].</summary>
/// <param name="TotalProduction">Wh since installation.</param>
/// <param name="TotalConsumption">Wh since installation.</param>
/// <param name="SettledNetGeneration">Wh that have been minted or settled otherwise.</param>
/// <param name="LastReadingAt">Unix seconds; of the installation before the first reading.</param>
/// <param name="RegisteredAt">Unix seconds.</param>
/// <param name="Readings">Number of readings submitted.</param>
public sealed record MeterAccount(
    PublicKey Owner, PublicKey Device, string MeterId, ulong TotalProduction, ulong TotalConsumption,
    ulong SettledNetGeneration, long LastReadingAt, long RegisteredAt, ulong Readings, bool IsActive, byte Bump)
{
    public const int Length = 160;
    public const int OwnerOffset = 8;
    public const int DeviceOffset = 40;
    public const int MeterIdOffset = 72;
    public const int SettledNetGenerationOffset = 120;

    public static ulong Discriminator { get; } = Programs.Discriminator.OfAccount("MeterAccount");

    /// <summary>Wh: net generation less what is settled, never negative.</summary>
    public ulong UnsettledNetGeneration
    {
        get
        {
            var net = TotalProduction > TotalConsumption ? TotalProduction - TotalConsumption : 0;
            return net > SettledNetGeneration ? net - SettledNetGeneration : 0;
        }
    }

    /// <exception cref="FormatException">Not such an account.</exception>
    public static MeterAccount Parse(ReadOnlySpan<byte> data)
    {
        var reader = AccountData.Open(data, Length, Discriminator, nameof(MeterAccount));
        var (owner, device) = (reader.Key(), reader.Key());
        var meterId = reader.Take(Programs.MeterId.MaxLength);
        var (production, consumption, settled) = (reader.U64(), reader.U64(), reader.U64());
        var (lastReadingAt, registeredAt, readings) = (reader.I64(), reader.I64(), reader.U64());
        var idLength = reader.U8();
        if (idLength is 0 or > Programs.MeterId.MaxLength)
        {
            throw new FormatException($"A meter's id has 1 to {Programs.MeterId.MaxLength} bytes, not {idLength}.");
        }

        return new MeterAccount(
            owner, device, Encoding.ASCII.GetString(meterId[..idLength]), production, consumption, settled,
            lastReadingAt, registeredAt, readings, reader.Bool(), reader.U8());
    }

    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out MeterAccount? account) =>
        AccountData.Try(data, Parse, out account);
}
