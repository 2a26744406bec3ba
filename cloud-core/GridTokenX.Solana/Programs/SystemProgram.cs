namespace GridTokenX.Solana.Programs;

/// <summary>Creates accounts and moves lamports. Data: u32 instruction number, then its fields.</summary>
public static class SystemProgram
{
    public static PublicKey Id { get; } = PublicKey.Parse("11111111111111111111111111111111");

    /// <param name="lamports">At least the rent exemption of <paramref name="space"/> bytes.</param>
    public static Instruction CreateAccount(
        PublicKey payer, PublicKey account, ulong lamports, ulong space, PublicKey owner) =>
        new InstructionData().U32(0).U64(lamports).U64(space).Key(owner)
            .For(Id, AccountMeta.WritableSigner(payer), AccountMeta.WritableSigner(account));

    public static Instruction Assign(PublicKey account, PublicKey owner) =>
        new InstructionData().U32(1).Key(owner).For(Id, AccountMeta.WritableSigner(account));

    public static Instruction Transfer(PublicKey source, PublicKey destination, ulong lamports) =>
        new InstructionData().U32(2).U64(lamports)
            .For(Id, AccountMeta.WritableSigner(source), AccountMeta.Writable(destination));

    public static Instruction Allocate(PublicKey account, ulong space) =>
        new InstructionData().U32(8).U64(space).For(Id, AccountMeta.WritableSigner(account));
}
