namespace GridTokenX.Solana.Programs;

/// <summary>Creates the one token account of a wallet for a mint, at an address that follows from both.</summary>
public static class AssociatedTokenProgram
{
    public static PublicKey Id { get; } = PublicKey.Parse("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

    /// <summary>Where the owner's account for the mint is, whether it exists or not.</summary>
    public static PublicKey AssociatedTokenAddress(PublicKey owner, PublicKey mint) => Find(owner, mint).Address;

    public static ProgramAddress Find(PublicKey owner, PublicKey mint) =>
        Pda.Find(Id, owner.ToArray(), TokenProgram.Id.ToArray(), mint.ToArray());

    /// <summary>Fails when the account exists.</summary>
    public static Instruction Create(PublicKey payer, PublicKey owner, PublicKey mint) =>
        Build(0, payer, owner, mint);

    /// <summary>Does nothing when the account exists.</summary>
    public static Instruction CreateIdempotent(PublicKey payer, PublicKey owner, PublicKey mint) =>
        Build(1, payer, owner, mint);

    private static Instruction Build(byte number, PublicKey payer, PublicKey owner, PublicKey mint) =>
        new InstructionData().U8(number).For(
            Id,
            AccountMeta.WritableSigner(payer),
            AccountMeta.Writable(AssociatedTokenAddress(owner, mint)),
            AccountMeta.Readonly(owner),
            AccountMeta.Readonly(mint),
            AccountMeta.Readonly(SystemProgram.Id),
            AccountMeta.Readonly(TokenProgram.Id));
}
