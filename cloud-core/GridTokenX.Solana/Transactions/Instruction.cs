namespace GridTokenX.Solana;

/// <summary>An account that an instruction names, and what the instruction does with it.</summary>
public readonly record struct AccountMeta(PublicKey Address, bool IsSigner, bool IsWritable)
{
    public static AccountMeta Readonly(PublicKey address) => new(address, IsSigner: false, IsWritable: false);

    public static AccountMeta Writable(PublicKey address) => new(address, IsSigner: false, IsWritable: true);

    public static AccountMeta ReadonlySigner(PublicKey address) => new(address, IsSigner: true, IsWritable: false);

    public static AccountMeta WritableSigner(PublicKey address) => new(address, IsSigner: true, IsWritable: true);
}

public sealed record Instruction(PublicKey Program, IReadOnlyList<AccountMeta> Accounts, ReadOnlyMemory<byte> Data);

/// <summary>An address lookup table on the chain and the addresses that it holds, in the table's order (at most 256).
/// </summary>
public sealed record AddressLookupTable(PublicKey Address, IReadOnlyList<PublicKey> Entries);
