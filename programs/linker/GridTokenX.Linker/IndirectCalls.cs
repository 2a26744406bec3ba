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
        var text = image.RangeOf(ProgramImage.Text);
        var at = text.Start.Value;
        while (at < text.End.Value)
        {
            var opcode = image.ReadByte(at);
            if (opcode == CallRegister)
            {
                image.Write32(at + 4, (uint)(image.ReadByte(at + 1) & RegisterMask));
                image.WriteByte(at + 1, 0);
            }

            // The second half of a load is no instruction.
            at += opcode == LoadImmediate64 ? 2 * Elf.InstructionSize : Elf.InstructionSize;
        }
    }
}
