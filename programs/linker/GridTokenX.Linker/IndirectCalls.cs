namespace GridTokenX.Linker;

/// <summary>
/// A call through a register: the compiler names the register in the instruction's second byte, as eBPF has it, and
/// Solana's virtual machine (sBPF version 0) reads it from the immediate.
/// </summary>
internal static class IndirectCalls
{
    private const byte CallRegister = 0x8D;
    private const byte LoadImmediate64 = 0x18;
    private const byte RegisterMask = 0x0F;

    public static void Rewrite(ProgramImage image)
    {
        var (start, end) = (image.RangeOf(ProgramImage.Text).Start.Value, image.RangeOf(ProgramImage.Text).End.Value);
        for (var at = start; at < end; at += Elf.InstructionSize)
        {
            var opcode = image.ReadByte(at);
            if (opcode == LoadImmediate64)
            {
                // Its second half is no instruction.
                at += Elf.InstructionSize;
            }
            else if (opcode == CallRegister)
            {
                image.Write32(at + 4, (uint)(image.ReadByte(at + 1) & RegisterMask));
                image.WriteByte(at + 1, 0);
            }
        }
    }
}
