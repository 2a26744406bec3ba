namespace GridTokenX.Solana.Programs;

/// <summary>What an authority of a mint or token account may do; the values are the token program's.</summary>
public enum AuthorityType
{
    MintTokens = 0,
    FreezeAccount = 1,
    AccountOwner = 2,
    CloseAccount = 3,
}

/// <summary>SPL Token. Amounts are base units. Data: u8 instruction number, then its fields. An authority that is a
/// multisignature account is not supported: the authority itself signs.</summary>
public static class TokenProgram
{
    public static PublicKey Id { get; } = PublicKey.Parse("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");

    /// <summary>The mint account exists, has <see cref="Mint.Length"/> bytes and belongs to this program.</summary>
    public static Instruction InitializeMint2(
        PublicKey mint, byte decimals, PublicKey mintAuthority, PublicKey? freezeAuthority = null) =>
        new InstructionData().U8(20).U8(decimals).Key(mintAuthority).OptionalKey(freezeAuthority)
            .For(Id, AccountMeta.Writable(mint));

    /// <summary>The account exists, has <see cref="TokenAccount.Length"/> bytes and belongs to this program.</summary>
    public static Instruction InitializeAccount3(PublicKey account, PublicKey mint, PublicKey owner) =>
        new InstructionData().U8(18).Key(owner)
            .For(Id, AccountMeta.Writable(account), AccountMeta.Readonly(mint));

    /// <param name="authority">The source's owner or its delegate.</param>
    public static Instruction Transfer(PublicKey source, PublicKey destination, PublicKey authority, ulong amount) =>
        new InstructionData().U8(3).U64(amount).For(
            Id, AccountMeta.Writable(source), AccountMeta.Writable(destination),
            AccountMeta.ReadonlySigner(authority));

    /// <summary>As <see cref="Transfer"/>, but refused when the mint or its decimals are not these.</summary>
    public static Instruction TransferChecked(
        PublicKey source, PublicKey mint, PublicKey destination, PublicKey authority, ulong amount, byte decimals) =>
        new InstructionData().U8(12).U64(amount).U8(decimals).For(
            Id, AccountMeta.Writable(source), AccountMeta.Readonly(mint), AccountMeta.Writable(destination),
            AccountMeta.ReadonlySigner(authority));

    public static Instruction MintTo(PublicKey mint, PublicKey account, PublicKey mintAuthority, ulong amount) =>
        new InstructionData().U8(7).U64(amount).For(
            Id, AccountMeta.Writable(mint), AccountMeta.Writable(account), AccountMeta.ReadonlySigner(mintAuthority));

    public static Instruction MintToChecked(
        PublicKey mint, PublicKey account, PublicKey mintAuthority, ulong amount, byte decimals) =>
        new InstructionData().U8(14).U64(amount).U8(decimals).For(
            Id, AccountMeta.Writable(mint), AccountMeta.Writable(account), AccountMeta.ReadonlySigner(mintAuthority));

    /// <param name="authority">The account's owner or its delegate.</param>
    public static Instruction Burn(PublicKey account, PublicKey mint, PublicKey authority, ulong amount) =>
        new InstructionData().U8(8).U64(amount).For(
            Id, AccountMeta.Writable(account), AccountMeta.Writable(mint), AccountMeta.ReadonlySigner(authority));

    public static Instruction BurnChecked(
        PublicKey account, PublicKey mint, PublicKey authority, ulong amount, byte decimals) =>
        new InstructionData().U8(15).U64(amount).U8(decimals).For(
            Id, AccountMeta.Writable(account), AccountMeta.Writable(mint), AccountMeta.ReadonlySigner(authority));

    /// <summary>Lets the delegate move up to the amount; replaces what an earlier delegate had.</summary>
    public static Instruction Approve(PublicKey source, PublicKey @delegate, PublicKey owner, ulong amount) =>
        new InstructionData().U8(4).U64(amount).For(
            Id, AccountMeta.Writable(source), AccountMeta.Readonly(@delegate), AccountMeta.ReadonlySigner(owner));

    public static Instruction ApproveChecked(
        PublicKey source, PublicKey mint, PublicKey @delegate, PublicKey owner, ulong amount, byte decimals) =>
        new InstructionData().U8(13).U64(amount).U8(decimals).For(
            Id, AccountMeta.Writable(source), AccountMeta.Readonly(mint), AccountMeta.Readonly(@delegate),
            AccountMeta.ReadonlySigner(owner));

    public static Instruction Revoke(PublicKey source, PublicKey owner) =>
        new InstructionData().U8(5).For(Id, AccountMeta.Writable(source), AccountMeta.ReadonlySigner(owner));

    /// <param name="destination">Receives the account's lamports.</param>
    public static Instruction CloseAccount(PublicKey account, PublicKey destination, PublicKey owner) =>
        new InstructionData().U8(9).For(
            Id, AccountMeta.Writable(account), AccountMeta.Writable(destination), AccountMeta.ReadonlySigner(owner));

    /// <param name="account">The mint or token account.</param>
    /// <param name="authority">The present one.</param>
    /// <param name="newAuthority">Null gives the authority up for ever.</param>
    public static Instruction SetAuthority(
        PublicKey account, PublicKey authority, AuthorityType type, PublicKey? newAuthority) =>
        new InstructionData().U8(6).U8((byte)type).OptionalKey(newAuthority)
            .For(Id, AccountMeta.Writable(account), AccountMeta.ReadonlySigner(authority));
}
