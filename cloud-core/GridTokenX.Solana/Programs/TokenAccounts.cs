using System.Buffers.Binary;

namespace GridTokenX.Solana.Programs;

/// <summary>The data of an SPL mint, 82 bytes.</summary>
public sealed record Mint(
    PublicKey? MintAuthority, ulong Supply, byte Decimals, bool IsInitialized, PublicKey? FreezeAuthority)
{
    public const int Length = 82;

    /// <summary>Reads a mint account's data, which the token program owns.</summary>
    /// <exception cref="FormatException">Not 82 bytes of a mint.</exception>
    public static Mint Parse(ReadOnlySpan<byte> data)
    {
        if (data.Length != Length)
        {
            throw new FormatException($"A mint has {Length} bytes, not {data.Length}.");
        }

        return new Mint(
            TokenFields.OptionalKey(data),
            BinaryPrimitives.ReadUInt64LittleEndian(data[36..]),
            data[44],
            TokenFields.Flag(data[45]),
            TokenFields.OptionalKey(data[46..]));
    }
}

public enum TokenAccountState
{
    Uninitialized = 0,
    Initialized = 1,
    Frozen = 2,
}

/// <summary>The data of an SPL token account, 165 bytes. Amounts are base units.</summary>
/// <param name="NativeRentLamports">For wrapped SOL the rent that is not part of the amount, else null.</param>
public sealed record TokenAccount(
    PublicKey Mint, PublicKey Owner, ulong Amount, PublicKey? Delegate, TokenAccountState State,
    ulong? NativeRentLamports, ulong DelegatedAmount, PublicKey? CloseAuthority)
{
    public const int Length = 165;

    /// <summary>Where <see cref="Mint"/> and <see cref="Owner"/> stand in the data, for account filters.</summary>
    public const int MintOffset = 0;
    public const int OwnerOffset = 32;

    /// <summary>Reads a token account's data, which the token program owns.</summary>
    /// <exception cref="FormatException">Not 165 bytes of a token account.</exception>
    public static TokenAccount Parse(ReadOnlySpan<byte> data)
    {
        if (data.Length != Length)
        {
            throw new FormatException($"A token account has {Length} bytes, not {data.Length}.");
        }

        return new TokenAccount(
            new PublicKey(data[..32]),
            new PublicKey(data[32..64]),
            BinaryPrimitives.ReadUInt64LittleEndian(data[64..]),
            TokenFields.OptionalKey(data[72..]),
            data[108] <= 2
                ? (TokenAccountState)data[108]
                : throw new FormatException("A token account's state is 0, 1 or 2."),
            TokenFields.HasValue(data[109..]) ? BinaryPrimitives.ReadUInt64LittleEndian(data[113..]) : null,
            BinaryPrimitives.ReadUInt64LittleEndian(data[121..]),
            TokenFields.OptionalKey(data[129..]));
    }
}

internal static class TokenFields
{
    /// <summary>u32 0 or 1, then the key (zeros when absent).</summary>
    public static PublicKey? OptionalKey(ReadOnlySpan<byte> field) =>
        HasValue(field) ? new PublicKey(field[4..36]) : null;

    public static bool HasValue(ReadOnlySpan<byte> field) => BinaryPrimitives.ReadUInt32LittleEndian(field) switch
    {
        0 => false,
        1 => true,
        _ => throw new FormatException("An optional field starts with neither 0 nor 1."),
    };

    public static bool Flag(byte value) => value <= 1 ? value == 1 : throw new FormatException("A flag is 0 or 1.");
}
