namespace GridTokenX.Solana.Programs;

/// <summary>Limits and prices the computation of the transaction that carries these instructions.</summary>
public static class ComputeBudgetProgram
{
    public static PublicKey Id { get; } = PublicKey.Parse("ComputeBudget111111111111111111111111111111");

    /// <param name="bytes">32 KiB to 256 KiB, a multiple of 1,024.</param>
    public static Instruction RequestHeapFrame(uint bytes) => new InstructionData().U8(1).U32(bytes).For(Id);

    /// <param name="units">At most 1,400,000.</param>
    public static Instruction SetComputeUnitLimit(uint units) => new InstructionData().U8(2).U32(units).For(Id);

    /// <param name="microLamports">Priority fee for each compute unit of the limit.</param>
    public static Instruction SetComputeUnitPrice(ulong microLamports) =>
        new InstructionData().U8(3).U64(microLamports).For(Id);

    public static Instruction SetLoadedAccountsDataSizeLimit(uint bytes) =>
        new InstructionData().U8(4).U32(bytes).For(Id);
}
